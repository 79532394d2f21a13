import { createHash } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";

const SECRET_QUERY = [
  "access_token",
  "client_secret",
  "code",
  "fb_exchange_token",
  "hub.verify_token",
];

/** What became of a request's connection. */
export type Ending = "answered" | "dropped" | "cut" | "hanging" | "closed_unread";

/** A request to the Graph API, as it came in. */
export interface RecordedRequest {
  id: number;
  at: number;
  method: string;
  /** Without the version and the query. */
  path: string;
  version: string | null;
  query: Record<string, string>;
  /** Lower-case names; tokens are replaced by a short fingerprint. */
  headers: Record<string, string>;
  /** Parsed where it was JSON, text otherwise, null where it was not read. */
  body: unknown;
  ending: Ending | null;
  /** The status of the answer, also where the answer never left. */
  status: number | null;
}

/** Names a secret without telling it: equal secrets have equal fingerprints. */
function fingerprint(secret: string): string {
  return `sha256:${createHash("sha256").update(secret).digest("hex").slice(0, 12)}`;
}

export function maskedHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const plain = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, Array.isArray(value) ? value.join(", ") : value] as const],
  );
  const masked = plain.map(([name, value]) => {
    if (name !== "authorization") return [name, value] as const;
    const [scheme = "", token = ""] = value.split(/\s+/, 2);
    return [name, `${scheme} ${fingerprint(token)}`] as const;
  });
  return Object.fromEntries(masked);
}

export function maskedQuery(query: URLSearchParams): Record<string, string> {
  const pairs = [...query].map(
    ([name, value]) => [name, SECRET_QUERY.includes(name) ? fingerprint(value) : value] as const,
  );
  return Object.fromEntries(pairs);
}

export type RequestLog = ReturnType<typeof createRequestLog>;

/** The latest requests, oldest first. */
export function createRequestLog(keep: number) {
  const requests: RecordedRequest[] = [];
  let lastId = 0;
  return {
    add(request: Omit<RecordedRequest, "id">): RecordedRequest {
      lastId += 1;
      const recorded = { id: lastId, ...request };
      requests.push(recorded);
      if (requests.length > keep) requests.splice(0, requests.length - keep);
      return recorded;
    },
    all: () => requests.map((request) => ({ ...request })),
    clear: () => void requests.splice(0),
  };
}
