import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { getRequestListener } from "@hono/node-server";
import type { Clock } from "../core/outside/clock.ts";
import type { ExpressLane } from "./express-lane.ts";
import type { ArrivingBodies } from "./requests/arriving-bodies.ts";
import { answerUnreadable } from "./requests/unreadable.ts";

/** As long as the slowest answer takes, which is that of a Send. */
const GRACE_MS = 10_000;
const LOOK_EVERY_MS = 50;
/** Longer than the minute that proxies keep an idle connection: whoever closes last, a request meets no end. */
const KEEP_ALIVE_MS = 75_000;

/** Answers a request on Node's own request and response. */
export type Answerer = (incoming: IncomingMessage, outgoing: ServerResponse) => void;

export interface Listening {
  url: string;
  /**
   * Takes no more connections and resolves when the requests under way are answered. What is not
   * answered within the grace, or was never sent in full, is cut off.
   */
  close(): Promise<void>;
}

/** A port that is listened at before there is a server behind it. */
export interface Door extends Listening {
  /** From now on requests are answered like this. */
  answer(by: Answerer): void;
}

interface Place {
  host: string;
  port: number;
}

interface DoorDeps {
  clock: Pick<Clock, "monotonic" | "sleep">;
  newId(): string;
}

/** Listens on a port; rejects with Node's own error when it cannot. */
export async function openDoor(
  { host, port }: Place,
  { clock, newId }: DoorDeps,
  first: Answerer,
): Promise<Door> {
  let answerer = first;
  const server = createServer((incoming, outgoing) => answerer(incoming, outgoing));
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  answerUnreadable(server, newId);
  // What a request expects of us beside `100-continue` may be passed over, and Node would refuse it without a word.
  server.on("checkExpectation", (incoming, outgoing) => answerer(incoming, outgoing));
  server.listen(port, host);
  await new Promise<void>((listens, fails) => {
    server.once("listening", listens);
    server.once("error", fails);
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("listening on no port");
  const name = host.includes(":") ? `[${host}]` : host;
  return {
    url: `http://${name}:${address.port}`,
    answer(by) {
      answerer = by;
    },
    close: () => close(server, clock),
  };
}

/** What the express lane does not take, if there is one, goes to the framework. */
export function answerBy(
  framework: (request: Request) => Response | Promise<Response>,
  host: string,
  express: ExpressLane | null = null,
  arriving: Pick<ArrivingBodies, "enter"> | null = null,
): Answerer {
  const listener = getRequestListener(framework, { hostname: host });
  return (incoming, outgoing) => {
    arriving?.enter(incoming);
    if (express?.(incoming, outgoing) !== true) void listener(incoming, outgoing);
  };
}

async function close(server: Server, clock: Pick<Clock, "monotonic" | "sleep">): Promise<void> {
  // A connection that is kept alive and used without a pause would never end by itself.
  server.prependListener("request", (_, response) => {
    response.shouldKeepAlive = false;
  });
  const closed = new AbortController();
  server.close(() => closed.abort());
  const end = clock.monotonic() + GRACE_MS;
  while (!closed.signal.aborted) {
    // Nor is anybody waited for who keeps a connection open without asking anything.
    if (clock.monotonic() < end) server.closeIdleConnections();
    else server.closeAllConnections();
    await clock.sleep(LOOK_EVERY_MS, closed.signal);
  }
}
