import { type Simulator, startSimulator } from "../../../../simulator/src/index.ts";
import { wanted } from "../../../src/channels/meta/items.ts";
import { parseMeta } from "../../../src/channels/parse-meta.ts";
import { mediaOnceRoutes } from "../../../src/http/conversations/media-once.ts";
import { inboxSpec } from "../../../src/inbox/inbox.ts";
import { InlineMedia } from "../../../src/inbox/media/inline-media.ts";
import { findSender } from "../../../src/outbox/sender.ts";
import { systemClock } from "../../../src/runtime/clock.ts";
import { createDownloads } from "../../../src/runtime/media/media-download.ts";
import { mediaTypeOfHead } from "../../../src/runtime/media/media-type.ts";
import { createOnceLinks } from "../../../src/runtime/media/once-links.ts";
import { parseAllowTargets } from "../../../src/runtime/network/address-guard.ts";
import { createGuard } from "../../../src/runtime/network/guard.ts";
import { createProviderClient } from "../../../src/runtime/network/provider-client.ts";
import { createVault } from "../../../src/runtime/secrets/vault.ts";
import { createTimerWheel } from "../../../src/runtime/timer-wheel.ts";
import { httpApp } from "../api/http.ts";
import { type DiscreetShop, openDiscreetShop } from "./discreet-shop.ts";
import { metaBody } from "./inbox-world.ts";
import { ADA, placesAt, SHOP, type Station } from "./post-office.ts";

const DAY_MS = 86_400_000;
const LARGEST = 1_000_000;

/** A shop under Inbound Body Purge whose customers send files, and the provider who has them. */
export interface DiscreetRoom {
  shop: DiscreetShop;
  simulator: Simulator;
  station: Station;
  /** Somebody sends files by WhatsApp; resolves when the provider is answered. */
  send(...files: { bytes: Buffer; mime?: string; filename?: string }[]): Promise<void>;
  /** The customer takes back the message that was sent last. */
  withdraw(): Promise<void>;
  /** What a link leads to. */
  open(url: string, method?: string): Promise<Response>;
  end(): Promise<void>;
}

export async function openDiscreetRoom(): Promise<DiscreetRoom> {
  const real = systemClock();
  const wheel = createTimerWheel({ clock: real });
  wheel.start();
  const http = createProviderClient({ clock: real, wheel });
  const shop = await openDiscreetShop();
  const { clock, logger } = shop;
  const db = shop.database.connections.pool;
  const simulator = await startSimulator({
    appSecret: "secret",
    clock: { now: () => clock.now() },
  });
  const guard = createGuard({ allow: parseAllowTargets([]) });
  const isTrusted = (origin: string) => origin === simulator.url;
  const downloads = createDownloads({ clock: real, wheel, guard, isTrusted });
  const links = createOnceLinks({
    vault: createVault([new Uint8Array(32).fill(7)]),
    baseUrl: () => "https://curlew.example",
    linkMs: DAY_MS,
  });
  const passage = {
    ...{ http, open: downloads.open, typeOf: mediaTypeOfHead },
    placesOf: async () => placesAt(simulator.url),
    findSender: (id: string) => findSender({ db, logger, openCredentials: (sealed) => sealed }, id),
  };
  const station = await shop.open({ addressBody: links.addressed });
  const inbox = new InlineMedia({
    ...{ ...passage, db, clock, logger },
    inbox: station.engine.makeAcceptor(
      inboxSpec({ link: () => ({ url: "", expires_at: "" }), once: links.once }),
    ),
  });
  const once = mediaOnceRoutes({ db, links, passage, maxBytes: LARGEST, clock, logger });
  const app = httpApp({ open: [once] });
  let sent = 0;
  const take = async (...messages: object[]) => {
    const items = wanted(parseMeta(new TextEncoder().encode(metaBody({ [SHOP]: { messages } }))));
    await inbox.accept({ provider: "meta", items, onlyChannelId: null });
  };
  const timestamp = () => String(Math.trunc(clock.now() / 1000));
  return {
    ...{ shop, simulator, station },
    async send(...files) {
      await take(
        ...files.map(({ bytes, mime = "image/jpeg", filename }) => {
          const base64 = bytes.toString("base64");
          const { id } = simulator.addMedia({ mime_type: mime, base64 });
          const type = mime.startsWith("image/") ? "image" : "document";
          return {
            ...{ id: `wamid.file.${++sent}`, from: ADA, timestamp: timestamp(), type },
            [type]: { id, mime_type: mime, ...(filename && { filename }) },
          };
        }),
      );
    },
    withdraw: () =>
      take({
        ...{ id: "wamid.revoke", from: ADA, timestamp: timestamp(), type: "revoke" },
        revoke: { original_message_id: `wamid.file.${sent}` },
      }),
    async open(url, method = "GET") {
      const { pathname, search } = new URL(url);
      return app.request(`${pathname}${search}`, { method });
    },
    async end() {
      await downloads.close();
      await http.close();
      wheel.stop();
      await simulator.close();
      await shop.end();
    },
  };
}
