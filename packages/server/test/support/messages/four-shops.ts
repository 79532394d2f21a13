import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Simulator, startSimulator } from "../../../../simulator/src/index.ts";
import { Secret } from "../../../src/core/secret.ts";
import { ingressRoutes } from "../../../src/http/ingress/ingress.ts";
import { createTwilioChannels } from "../../../src/http/ingress/twilio-channels.ts";
import { answerBy, type Listening, openDoor } from "../../../src/http/listen.ts";
import { sendRoutes } from "../../../src/http/send/send.ts";
import { Newcomers } from "../../../src/inbox/asking/newcomers.ts";
import { SmsReconciler } from "../../../src/inbox/asking/sms-reconciler.ts";
import { rejoinOnce } from "../../../src/inbox/batch/rejoin.ts";
import { inboxSpec } from "../../../src/inbox/inbox.ts";
import { mediaEndsSpec } from "../../../src/inbox/media/media-ends.ts";
import { MediaFetcher } from "../../../src/inbox/media/media-fetcher.ts";
import { keepChannelNotice } from "../../../src/outbox/announce.ts";
import { doubtsOf } from "../../../src/outbox/doubts.ts";
import { findSender } from "../../../src/outbox/sender.ts";
import { systemClock } from "../../../src/runtime/clock.ts";
import { createDownloads } from "../../../src/runtime/media/media-download.ts";
import { openMediaRoom } from "../../../src/runtime/media/media-room.ts";
import { mediaTypeOf } from "../../../src/runtime/media/media-type.ts";
import { parseAllowTargets } from "../../../src/runtime/network/address-guard.ts";
import { createGuard } from "../../../src/runtime/network/guard.ts";
import { createProviderClient } from "../../../src/runtime/network/provider-client.ts";
import { createTimerWheel } from "../../../src/runtime/timer-wheel.ts";
import { httpApp, jsonRequest, principalWith } from "../api/http.ts";
import { openPostOffice, type PostOffice, placesAt, SHOP, type Station } from "./post-office.ts";

const SECRET = "an-app-secret";
const VERIFY_TOKEN = "a-verify-token";
const PUBLIC = "https://curlew.example";
const LARGEST = 1_000_000;

export const ACCOUNTS = {
  whatsapp: SHOP,
  messenger: "117172741761305",
  instagram: "17841405822304914",
  sms: "+15558675310",
} as const;
export type Kind = keyof typeof ACCOUNTS;

/** A channel of each kind, the providers behind them over real HTTP, and one clock for everybody. */
export interface FourShops {
  office: PostOffice;
  simulator: Simulator;
  station: Station;
  /** While it is away, providers are answered 503. */
  away(isAway: boolean): void;
  /** `POST /v1/send`. */
  send(body: object): Promise<{ status: number; body: { id?: string; status?: string } }>;
  /** What a server does all the time by itself, as far as it is due. */
  goRound(): Promise<void>;
  /** What it does now and then. */
  lookAround(): Promise<void>;
  /** Whoever has paused goes on, as after new credentials. */
  mend(): Promise<void>;
  end(): Promise<void>;
}

export async function openFourShops(): Promise<FourShops> {
  const real = systemClock();
  const wheel = createTimerWheel({ clock: real });
  wheel.start();
  const http = createProviderClient({ clock: real, wheel });
  const office = await openPostOffice();
  const { clock, logger, ids } = office;
  const db = office.database.connections.pool;
  const simulator = await startSimulator({
    ...{ appSecret: SECRET, verifyToken: VERIFY_TOKEN },
    clock: { now: () => clock.now() },
  });
  const places = placesAt(simulator.url);
  const station = await office.station({ outbox: { http, places } });
  const { outbox, engine } = station;
  const openCredentials = (sealed: string) => sealed;
  const asking = {
    ...{ db, http, clock, logger, places },
    findSender: (id: string) => findSender({ db, logger, openCredentials }, id),
  };
  const links = { link: () => ({ url: "https://curlew.example/media", expires_at: "" }) };
  const inbox = engine.makeAcceptor(inboxSpec({ ...links, once: links.link }));
  const newcomers = new Newcomers({ ...asking, inbox, newId: () => ids.next() });
  const directory = mkdtempSync(join(tmpdir(), "curlew-hour-"));
  const room = await openMediaRoom({ dataDir: directory, s3: null, clock });
  const guard = createGuard({ allow: parseAllowTargets([]) });
  const downloads = createDownloads({
    ...{ clock: real, wheel, guard },
    isTrusted: (origin) => origin === simulator.url,
  });
  const fetcher = new MediaFetcher({
    ...{ ...asking, ...room, download: downloads.download, typeOf: mediaTypeOf },
    placesOf: async () => places,
    ends: engine.makeAcceptor(mediaEndsSpec()),
    maxBytes: LARGEST,
    metrics: { media() {} },
  });
  const reconciler = new SmsReconciler({
    ...{ ...asking, inbox, openCredentials },
    doubtsOf: (id) => doubtsOf(db, id),
  });

  let isAway = false;
  const ingress = httpApp({
    newId: () => ids.next(),
    open: [
      ingressRoutes({
        ...{ inbox: newcomers, logger, publicUrl: PUBLIC },
        meta: { appSecrets: [new Secret(SECRET)], verifyToken: new Secret(VERIFY_TOKEN) },
        channelSecrets: async () => null,
        twilioChannels: createTwilioChannels({ db, vault: { open: openCredentials } }),
        metrics: { inbound() {}, unroutable() {} },
      }),
    ],
  });
  const server: Listening = await openDoor(
    { host: "127.0.0.1", port: 0 },
    { clock: real, newId: () => ids.next() },
    answerBy(
      async (request) => (isAway ? new Response(null, { status: 503 }) : ingress.fetch(request)),
      "127.0.0.1",
    ),
  );
  const api = httpApp({
    principal: { ...principalWith(), workspaceId: office.workspaceId },
    routes: [sendRoutes({ db, outbox, clock, logger, linkMedia: office.links.link })],
    newId: () => ids.next(),
  });

  for (const kind of ["messenger", "instagram", "sms"] as const) {
    const credentials = {
      ...{ access_token: "EAAB", auth_token: "simulated-auth-token" },
      account_sid: "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    };
    await office.rows(
      `insert into channel (id, workspace_id, account_id, kind, name, external_id, credentials, created_at, updated_at)
       values ($1, $2, $3, $4, 'Shop', $5, $6, $7, $7)`,
      [
        ...[ids.next(), office.workspaceId, office.accountId, kind, ACCOUNTS[kind]],
        ...[JSON.stringify(credentials), new Date(clock.now())],
      ],
    );
  }
  simulator.twilio.putNumber({ phone_number: ACCOUNTS.sms, sms_url: `${PUBLIC}/in/twilio` });
  simulator.twilio.configure({ connect_to: server.url });
  await simulator.subscribe({ url: `${server.url}/in/meta`, verify_token: VERIFY_TOKEN });

  return {
    ...{ office, simulator, station },
    away(now) {
      isAway = now;
    },
    async send(body) {
      const response = await api.request("/v1/send", jsonRequest("POST", body));
      return { status: response.status, body: (await response.json()) as { id?: string } };
    },
    async goRound() {
      await engine.beatOnce();
      await newcomers.runOnce();
      await newcomers.quiet();
      await outbox.runOnce();
    },
    async lookAround() {
      await outbox.sweepOnce();
      await reconciler.runOnce();
      await rejoinOnce({ db, inbox, clock });
      await fetcher.runOnce();
      await simulator.tick();
    },
    async mend() {
      await office.database.connections.transaction(async (tx) => {
        const { rows } = await tx.query<{ id: string }>({
          text: `update channel set state = 'connected', state_reason = null, paused_until = null, updated_at = $1
            where state <> 'connected' returning id`,
          values: [new Date(clock.now())],
        });
        const notice = { kind: "restored", reason: "it was mended" } as const;
        for (const { id } of rows) await keepChannelNotice(tx, id, notice, clock.now());
      });
      await outbox.announce();
    },
    async end() {
      await simulator.idle();
      await newcomers.quiet();
      await server.close();
      await downloads.close();
      await http.close();
      wheel.stop();
      await simulator.close();
      await office.end();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
