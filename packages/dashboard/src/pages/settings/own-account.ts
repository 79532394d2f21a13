import { queryOptions } from "@tanstack/react-query";
import { asYou } from "../../api/client.ts";
import { refusedBy } from "../../api/problem.ts";

/** Somewhere that you are signed in. `token` names it to the server; the cookie needs more. */
export interface Session {
  id: string;
  token: string;
  createdAt: string;
  updatedAt: string;
  ipAddress: string | null;
  userAgent: string | null;
}

/** What this browser's session says of you. */
export interface OwnSession {
  session: { id: string };
  user: { twoFactorEnabled?: boolean | null };
}

export const ownSessionQuery = queryOptions({
  queryKey: ["own", "session"],
  queryFn: () => askAccount<OwnSession>("get-session"),
});

export const sessionsQuery = queryOptions({
  queryKey: ["own", "sessions"],
  queryFn: () => askAccount<Session[]>("list-sessions"),
});

/**
 * A request to `/auth` by somebody who has signed in; with a body it is a POST. A session that has
 * ended is renewed, and the request made again. Throws `Refused`.
 */
export async function askAccount<T>(path: string, body?: object): Promise<T> {
  const response = await asYou(new Request(`${location.origin}/auth/${path}`, asRequest(body)));
  const said: unknown = await response.json().catch(() => null);
  if (!response.ok) throw refusedBy(response, said);
  return said as T; // our own server's, read by the one who asked
}

function asRequest(body: object | undefined): RequestInit {
  if (body === undefined) return {};
  return {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  };
}
