import { Server } from "node:http";
import { serve } from "@hono/node-server";
import type { Clock } from "../core/clock.ts";

/** As long as the slowest answer takes, which is that of a Send. */
const GRACE_MS = 10_000;
const LOOK_EVERY_MS = 50;

export interface Listening {
  url: string;
  /**
   * Takes no more connections and resolves when the requests under way are answered. What is not
   * answered within the grace, or was never sent in full, is cut off.
   */
  close(): Promise<void>;
}

/** Serves on a port; rejects with Node's own error when it cannot listen there. */
export async function listen(
  fetch: (request: Request) => Response | Promise<Response>,
  { host, port }: { host: string; port: number },
  clock: Pick<Clock, "monotonic" | "sleep">,
): Promise<Listening> {
  const server = serve({ fetch, hostname: host, port });
  if (!(server instanceof Server)) throw new Error("serving something else than HTTP/1");
  await new Promise<void>((listens, fails) => {
    server.once("listening", listens);
    server.once("error", fails);
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("listening on no port");
  const name = host.includes(":") ? `[${host}]` : host;
  return { url: `http://${name}:${address.port}`, close: () => close(server, clock) };
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
