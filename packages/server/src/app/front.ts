import { availableParallelism } from "node:os";
import { Prober } from "../delivery/endpoints/prober.ts";
import type { Loops } from "../delivery/loops/loops.ts";
import { WorkspaceRates } from "../delivery/publishing/workspace-rates.ts";
import type { Authenticator } from "../http/access/authentication.ts";
import { createSessionDoor } from "../http/access/session-door.ts";
import type { SignIn } from "../http/access/sign-in.ts";
import { createHttpApp } from "../http/app.ts";
import type { SchemaCheck } from "../http/events/schema-check.ts";
import { createExpressLane } from "../http/express-lane.ts";
import { readinessOf } from "../http/instance/readiness.ts";
import { answerBy, type Door } from "../http/listen.ts";
import { guardRoutes, Outage } from "../http/outage.ts";
import { ArrivingBodies } from "../http/requests/arriving-bodies.ts";
import { allRoutes, expressRoutes, type RoutesDeps } from "../http/routes.ts";
import { inboxInTurns } from "../http/turns/taking-turns.ts";
import { Turnstile } from "../http/turns/turnstile.ts";
import { createLongWork, type WorkspaceRoom } from "../http/turns/workspace-room.ts";
import type { Outbox } from "../outbox/outbox.ts";
import type { RefusalReason } from "../runtime/telemetry/metrics.ts";
import { dashboardDir } from "./built-files.ts";
import type { ChannelUpkeep } from "./channel-upkeep.ts";
import type { Delivery } from "./delivery.ts";
import type { Ground } from "./ground.ts";
import type { Inbox } from "./inbox.ts";
import type { Instance } from "./instance.ts";
import type { Links } from "./links.ts";
import type { Media } from "./media.ts";
import type { Outbound } from "./outbound.ts";
import type { Providers } from "./providers.ts";
import { isOnlyHere } from "./simulator.ts";

const OUTAGE_EVERY_MS = 1_000;
/** Events a second that a workspace brings freely: what disturbs nobody on two cores was measured. */
const FREE_RATE_A_CORE = 50;

/** Everything that the routes lead to. */
export interface FrontParts {
  instance: Instance;
  authenticator: Authenticator;
  schemas: SchemaCheck;
  signIn: SignIn;
  outbound: Outbound;
  delivery: Delivery;
  providers: Providers;
  outbox: Outbox;
  media: Media;
  links: Links;
  inbox: Inbox;
  upkeep: ChannelUpkeep;
  door: Door;
}

/** What is seen of the server from outside. */
export interface Front {
  /** From then on nobody is kept waiting for a database that has fallen silent. */
  start(rounds: Loops): void;
  /** From then on requests are answered; gives its own URL. */
  serve(): string;
}

export function openFront(ground: Ground, parts: FrontParts): Front {
  const { config, version, db, clock, metrics, newId, tracing, closing } = ground;
  const { engine, disk, followers } = parts.delivery;
  const { authenticate } = parts.authenticator;
  const rates = new WorkspaceRates(config.workspaceRate, clock);
  const onRefused = (reason: RefusalReason) => metrics.refused(reason);
  const turnstile = new Turnstile({
    ...{ clock, onRefused },
    freePerSecond: config.workspaceFreeRate ?? FREE_RATE_A_CORE * availableParallelism(),
    load: parts.outbound.load,
  });
  metrics.onScrape(() => metrics.watch("requests_waiting", turnstile.waiting));
  const longWork = createLongWork(onRefused);
  const room: WorkspaceRoom = { rates, disk, turnstile, longWork, onRefused };
  const logger = ground.logger.child({ room: "http" });
  const inbox = inboxInTurns({ ...{ db, clock, turnstile, logger }, inbox: parts.inbox.door });
  const routes: RoutesDeps = {
    ...routesDepsOf(ground, parts),
    ...{ inbox, longWork },
    spend(workspaceId, events) {
      rates.spend(workspaceId, events);
      turnstile.spend(workspaceId, events);
    },
  };
  const requests = { logger, clock, metrics, newId };
  const outage = new Outage(() => engine.isReady);
  const servesApi = config.role !== "worker";
  let isStopping = false;
  const app = createHttpApp({
    ...{ ...requests, version, authenticate, tracing, outage, room, servesApi },
    enterSignedIn: createSessionDoor({ db, signIn: parts.signIn, publicUrl: config.publicUrl }),
    audit: { db, newId, clock },
    dashboardDir: dashboardDir(),
    ready: () => readinessOf({ db, engine, isStopping, clock }),
    routes: allRoutes(routes),
  });
  // What is traced is followed through Hono.
  const express =
    servesApi && !tracing
      ? createExpressLane(
          requests,
          guardRoutes(outage, expressRoutes({ ...routes, authenticate, room })),
        )
      : null;

  return {
    start(rounds) {
      rounds.every("outage", OUTAGE_EVERY_MS, () => outage.look());
    },
    serve() {
      const { door } = parts;
      const arriving = new ArrivingBodies({ onCutOff: () => metrics.refused("slow_body") });
      parts.outbound.ownAddress.listensAt(door.url);
      door.answer(answerBy(app.fetch, config.host, express, arriving));
      closing.add(async () => {
        isStopping = true;
        // Streams never end by themselves; who follows goes on at another process.
        await followers.close();
        await door.close();
      });
      return door.url;
    },
  };
}

function routesDepsOf(
  ground: Ground,
  parts: FrontParts,
): Omit<RoutesDeps, "spend" | "inbox" | "longWork"> {
  const { config, version, connections, clock, logger, metrics, newId, vault, retentionMs } =
    ground;
  const { instance, signIn, outbox, media, links } = parts;
  const { engine, changeConfig, publish, replays, expungeOne, followers, notices } = parts.delivery;
  const { guard, ownAddress, webhooks, isWithoutSendingThread } = parts.outbound;
  const { http, places, openCredentials, simulator } = parts.providers;
  return {
    ...{ connections, clock, newId, changeConfig, vault, metrics, logger, engine, outbox },
    ...{
      publish,
      replays,
      expungeOne,
      notices,
      followers,
      signIn,
      retentionMs,
      isWithoutSendingThread,
    },
    ...{ places, openCredentials, simulator, version },
    providers: http,
    templates: parts.upkeep.templates,
    files: media.store,
    uploads: media.uploads,
    mediaLinks: links.media,
    mediaOnce: { links: links.once, passage: media.passage, maxBytes: config.media.maxBytes },
    requireSchemas: (...asked) => parts.schemas.require(...asked),
    prober: new Prober({ clock, newId, openTarget: (key, o) => webhooks.open(key, o) }),
    checkUrl: (url) => guard.checkUrl(url),
    clockOffsetMs: () => clock.offsetMs,
    catcherUrl: (catcherId) => ownAddress.catcherUrl(catcherId),
    defaultWorkspaceId: instance.defaultWorkspaceId,
    adminDigest: instance.adminDigest,
    isLocal: isOnlyHere(config),
  };
}
