import type { ProviderClient, ProviderResponse } from "../runtime/network/provider-client.ts";

const WITHIN_MS = 60_000;

/** A running server, and as whom it is asked. */
export interface ServerWish {
  /** Where Curlew is, without a slash at the end. */
  server: string;
  key: string;
  /** A workspace's id; null for the key's own. */
  workspace: string | null;
}

/** What a command cannot do, in words for whoever typed it. */
export class Refused extends Error {}

/** Asks the API below `/v1`. Rejects with Refused for every answer but 2xx, and where none came. */
export type Ask = <Answer>(method: "GET" | "POST", path: string, body?: unknown) => Promise<Answer>;

export function createAsk(
  wish: ServerWish,
  { request, signal }: Pick<ProviderClient, "request"> & { signal: AbortSignal },
): Ask {
  return async <Answer>(method: "GET" | "POST", path: string, body?: unknown) => {
    const result = await request({
      ...{ method, url: `${wish.server}/v1${path}`, deadlineMs: WITHIN_MS, signal },
      headers: {
        ...headersFor(wish),
        accept: "application/json",
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (result.kind === "failed") {
      throw new Refused(
        `Curlew at ${wish.server} does not answer: ${result.detail}. Does it run there? --server says where.`,
      );
    }
    if (result.status >= 300) throw new Refused(refusalIn(result));
    // The server's own description of its API promises the shape.
    return JSON.parse(result.body) as Answer;
  };
}

/** Who asks. */
export function headersFor({ key, workspace }: ServerWish): Record<string, string> {
  return {
    authorization: `Bearer ${key}`,
    ...(workspace === null ? {} : { "curlew-workspace": workspace }),
  };
}

/** The words of a problem document, or the status alone. */
export function refusalIn({ status, body }: Pick<ProviderResponse, "status" | "body">): string {
  const detail = detailIn(body);
  if (detail === null) {
    return `What answers there is not Curlew, or something in front of it: HTTP ${status}.`;
  }
  if (status !== 401) return `Curlew refuses: ${detail}`;
  return "Curlew does not know this key. Give one of its API keys with --key or as CURLEW_API_KEY.";
}

function detailIn(body: string): string | null {
  try {
    const { detail } = JSON.parse(body) as { detail?: unknown }; // looked at in the next line
    return typeof detail === "string" ? detail : null;
  } catch {
    return null;
  }
}
