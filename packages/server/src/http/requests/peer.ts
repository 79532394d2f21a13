import type { ServerResponse } from "node:http";
import { getConnInfo } from "@hono/node-server/conninfo";
import type { Context } from "hono";

/** The address that a request came from; null where there is no socket. A proxy in between is the peer. */
export function peerOf(c: Context): string | null {
  // Without a socket there is nothing to ask: requests that a test hands to the app itself.
  const env: unknown = c.env;
  if (typeof env !== "object" || env === null || !("incoming" in env)) return null;
  return getConnInfo(c).remote.address ?? null;
}

/** Node's own response; null where there is none, as above. */
export function outgoingOf(c: Context): ServerResponse | null {
  const env: unknown = c.env;
  if (typeof env !== "object" || env === null || !("outgoing" in env)) return null;
  return env.outgoing as ServerResponse; // by the adapter
}
