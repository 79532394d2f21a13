import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Simulator, startSimulator } from "../../../../simulator/src/index.ts";
import { wanted } from "../../../src/channels/meta/items.ts";
import { parseMeta } from "../../../src/channels/parse-meta.ts";
import type { Acceptor } from "../../../src/core/events/recording.ts";
import type { InboundOutcome, InboundRequest } from "../../../src/core/messages/inbound.ts";
import { mediaRoutes } from "../../../src/http/conversations/media.ts";
import { inboxSpec } from "../../../src/inbox/inbox.ts";
import { mediaEndsSpec } from "../../../src/inbox/media/media-ends.ts";
import { MediaFetcher, type MediaFetcherDeps } from "../../../src/inbox/media/media-fetcher.ts";
import { MediaRemover } from "../../../src/inbox/media/media-remover.ts";
import { findSender } from "../../../src/outbox/sender.ts";
import { systemClock } from "../../../src/runtime/clock.ts";
import { createDownloads } from "../../../src/runtime/media/media-download.ts";
import { openMediaRoom } from "../../../src/runtime/media/media-room.ts";
import { mediaTypeOf } from "../../../src/runtime/media/media-type.ts";
import { parseAllowTargets } from "../../../src/runtime/network/address-guard.ts";
import { createGuard } from "../../../src/runtime/network/guard.ts";
import { createProviderClient } from "../../../src/runtime/network/provider-client.ts";
import { createTimerWheel } from "../../../src/runtime/timer-wheel.ts";
import { httpApp } from "../api/http.ts";
import { metaBody } from "./inbox-world.ts";
import { openPostOffice, type PostOffice, placesAt, SHOP, type Station } from "./post-office.ts";

export const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);

/** A shop whose customers send files, the provider who has them, and who fetches, serves and removes them. */
export interface MediaWorld {
  office: PostOffice;
  simulator: Simulator;
  station: Station;
  inbox: Acceptor<InboundRequest, InboundOutcome>;
  fetcher: MediaFetcher;
  remover: MediaRemover;
  /** Another process' fetcher. */
  anotherFetcher(overrides?: Partial<MediaFetcherDeps>): MediaFetcher;
  /** What was counted: channel and outcome. */
  counted: string[];
  /** Somebody sends a file by WhatsApp; answers the bodies of its events. */
  // biome-ignore lint/suspicious/noExplicitAny: a test reads into bodies as a consumer does
  send(file?: { bytes?: Buffer; mime?: string; more?: object }): Promise<any>;
  /** What a link leads to. */
  open(url: string, headers?: Record<string, string>): Promise<Response>;
  /** Names of all files that are kept or arriving. */
  files(): string[];
  rows<R extends object>(text: string, values?: unknown[]): Promise<R[]>;
  end(): Promise<void>;
}

export async function openMediaWorld(): Promise<MediaWorld> {
  const real = systemClock();
  const wheel = createTimerWheel({ clock: real });
  wheel.start();
  const http = createProviderClient({ clock: real, wheel });
  const office = await openPostOffice();
  const { clock, logger, links } = office;
  const db = office.database.connections.pool;
  const simulator = await startSimulator({
    appSecret: "secret",
    clock: { now: () => clock.now() },
  });
  const directory = mkdtempSync(join(tmpdir(), "curlew-media-"));
  const station = await office.station();
  const inbox = station.engine.makeAcceptor(
    inboxSpec({ link: links.link, once: () => ({ url: "", expires_at: "" }) }),
  );
  const room = await openMediaRoom({ dataDir: directory, s3: null, clock });
  const guard = createGuard({ allow: parseAllowTargets([]) });
  const isTrusted = (origin: string) => origin === simulator.url;
  const downloads = createDownloads({ clock: real, wheel, guard, isTrusted });
  const counted: string[] = [];
  const deps: MediaFetcherDeps = {
    ...{ db, http, clock, logger, ...room },
    placesOf: async () => placesAt(simulator.url),
    findSender: (id) => findSender({ db, logger, openCredentials: (sealed) => sealed }, id),
    download: downloads.download,
    typeOf: mediaTypeOf,
    ends: station.engine.makeAcceptor(mediaEndsSpec()),
    maxBytes: 1_000_000,
    metrics: { media: (channel, outcome) => void counted.push(`${channel} ${outcome}`) },
  };
  const app = httpApp({ open: [mediaRoutes({ db, store: room.store, links, clock })] });
  let sent = 0;
  return {
    ...{ office, simulator, station, inbox, counted },
    fetcher: new MediaFetcher(deps),
    remover: new MediaRemover({ db, store: room.store, logger }),
    anotherFetcher: (overrides = {}) => new MediaFetcher({ ...deps, ...overrides }),
    async send({ bytes = PNG, mime = "image/png", more = {} } = {}) {
      const { id } = simulator.addMedia({ mime_type: mime, base64: bytes.toString("base64") });
      const [type = ""] = mime.split("/");
      const kind = ["image", "video", "audio"].includes(type) ? type : "document";
      const message = {
        id: `wamid.file.${++sent}`,
        from: "16505551234",
        timestamp: String(Math.trunc(clock.now() / 1000)),
        type: kind,
        [kind]: { id, mime_type: mime, sha256: "said", ...more },
      };
      const body = metaBody({ [SHOP]: { messages: [message] } });
      const items = wanted(parseMeta(new TextEncoder().encode(body)));
      await inbox.accept({ provider: "meta", items, onlyChannelId: null });
      return (await office.events("message.received")).at(-1)?.body;
    },
    async open(url, headers = {}) {
      const { pathname, search } = new URL(url);
      return app.request(`${pathname}${search}`, { headers });
    },
    files: () =>
      readdirSync(directory, { recursive: true, encoding: "utf8" }).filter((name) =>
        statSync(join(directory, name)).isFile(),
      ),
    rows: office.rows,
    async end() {
      await downloads.close();
      await http.close();
      wheel.stop();
      await simulator.close();
      await office.end();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
