import type { IncomingMessage, ServerResponse } from "node:http";
import { getConnInfo } from "@hono/node-server/conninfo";
import type { Context } from "hono";

/** The address that a request came from; null where there is no socket. A proxy in between is the peer. */
export function peerOf(c: Context): string | null {
  // Without a socket there is nothing to ask: requests that a test hands to the app itself.
  const env: unknown = c.env;
  if (typeof env !== "object" || env === null || !("incoming" in env)) return null;
  return getConnInfo(c).remote.address ?? null;
}

/** What proxies add to what they bring. */
const OF_PROXIES = [
  "forwarded",
  "via",
  "x-forwarded-for",
  "x-forwarded-host",
  "x-forwarded-proto",
  "x-real-ip",
];

/** Whether a proxy has brought the request, as far as it can be told: nginx, if nobody tells it to, only speaks HTTP/1.0. */
export function isForwarded(c: Context): boolean {
  if (OF_PROXIES.some((name) => c.req.header(name) !== undefined)) return true;
  const env: unknown = c.env;
  if (typeof env !== "object" || env === null || !("incoming" in env)) return false;
  return (env.incoming as IncomingMessage).httpVersion === "1.0"; // by the adapter
}

/** Node's own response; null where there is none, as above. */
export function outgoingOf(c: Context): ServerResponse | null {
  const env: unknown = c.env;
  if (typeof env !== "object" || env === null || !("outgoing" in env)) return null;
  return env.outgoing as ServerResponse; // by the adapter
}
