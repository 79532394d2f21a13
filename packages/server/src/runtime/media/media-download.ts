import { lookup as systemLookup } from "node:dns";
import { rm } from "node:fs/promises";
import type { Dispatcher } from "undici";
import { Pool } from "undici";
import type {
  Download,
  Downloaded,
  DownloadRequest,
  OpenDownload,
  Opened,
} from "../../core/outside/media-download.ts";
import { createConnector } from "../network/connector.ts";
import type { Means } from "../network/exchange.ts";
import { describeFailure } from "../network/failures.ts";
import type { Guard } from "../network/guard.ts";
import { receiveFile } from "./receive-file.ts";

const CONNECT_MS = 10_000;
const MAX_REDIRECTS = 5;
const CONNECTIONS = 8;
/** Some of Meta's hosts answer nobody who does not say who he is. */
const USER_AGENT = "Curlew";

export interface DownloadDeps extends Means {
  /** For addresses that are the providers' and not the operator's own. */
  guard: Guard;
  /** Whether an origin is one that the operator names as a provider's, or the simulator's: not guarded. */
  isTrusted(origin: string): boolean;
}

export interface Downloads {
  download: Download;
  open: OpenDownload;
  close(): Promise<void>;
}

interface Found {
  kind: "found";
  answer: Dispatcher.ResponseData;
}

/** Fetches files piece by piece, to disk or to whoever reads them: memory holds only what is under way. */
export function createDownloads({ clock, wheel, guard, isTrusted }: DownloadDeps): Downloads {
  const pools = new Map<string, Pool>();

  function poolOf(url: URL): Pool | null {
    const known = pools.get(url.origin);
    if (known) return known;
    const judged = isTrusted(url.origin) ? null : guard.connection(url.href);
    if (judged?.verdict.ok === false) return null;
    const lookup = judged?.lookup ?? systemLookup;
    const connect = createConnector({ clock, wheel, timeoutMs: CONNECT_MS, lookup });
    const pool = new Pool(url.origin, { connections: CONNECTIONS, connect, pipelining: 1 });
    pools.set(url.origin, pool);
    return pool;
  }

  /** Ends a request that takes too long, or is given up. */
  function leash({ deadlineMs, signal: giving }: DownloadRequest) {
    const stop = new AbortController();
    const timer = wheel.add(clock.monotonic() + deadlineMs, () => stop.abort());
    const giveUp = () => stop.abort();
    giving?.addEventListener("abort", giveUp);
    if (giving?.aborted) stop.abort();
    return {
      signal: stop.signal,
      end() {
        timer.cancel();
        giving?.removeEventListener("abort", giveUp);
      },
      whyFailed(error: unknown): Downloaded & { kind: "failed" } {
        const detail = giving?.aborted
          ? "it was given up"
          : stop.signal.aborted
            ? `it was not here within ${deadlineMs} ms`
            : describeFailure(error).detail;
        return { kind: "failed", detail };
      },
    };
  }

  async function download(request: DownloadRequest, path: string): Promise<Downloaded> {
    const { signal, end, whyFailed } = leash(request);
    try {
      const found = await follow(request, signal);
      const done =
        found.kind === "found" ? await receive(found.answer, path, request.maxBytes) : found;
      if (done.kind !== "done") await rm(path, { force: true });
      return done;
    } catch (error) {
      await rm(path, { force: true }).catch(() => {});
      return whyFailed(error);
    } finally {
      end();
    }
  }

  async function open(request: DownloadRequest): Promise<Opened> {
    const { signal, end, whyFailed } = leash(request);
    try {
      const found = await follow(request, signal);
      if (found.kind !== "found") {
        end();
        return found;
      }
      const { headers, body } = found.answer;
      const bytes = lengthIn(headers);
      if (bytes !== null && bytes > request.maxBytes) {
        end();
        body.on("error", () => {}).destroy();
        return { kind: "too_large" };
      }
      return {
        ...{ kind: "open", declared: typeIn(headers), bytes },
        body: bounded(body, request.maxBytes, end),
      };
    } catch (error) {
      end();
      return whyFailed(error);
    }
  }

  async function follow(
    request: DownloadRequest,
    signal: AbortSignal,
  ): Promise<Found | Exclude<Downloaded, { kind: "done" }>> {
    let url = request.url;
    for (let hop = 0; hop <= MAX_REDIRECTS; hop += 1) {
      const target = URL.canParse(url) ? new URL(url) : null;
      if (target === null || !/^https?:$/.test(target.protocol)) {
        return { kind: "failed", detail: "the address is none" };
      }
      const leave = request.leaveFor(target);
      const pool = leave === "refused" ? null : poolOf(target);
      if (pool === null) return { kind: "refused", host: target.hostname };
      const answer = await pool.request({
        method: "GET",
        path: `${target.pathname}${target.search}`,
        headers: {
          "user-agent": USER_AGENT,
          ...(leave === "with_credentials" ? request.headers : {}),
        },
        signal,
      });
      const { statusCode, headers } = answer;
      if (statusCode === 200) return { kind: "found", answer };
      await answer.body.dump();
      const location = statusCode >= 300 && statusCode < 400 ? headers["location"] : undefined;
      if (typeof location !== "string") return { kind: "answered", status: statusCode };
      if (!URL.canParse(location, target.href))
        return { kind: "failed", detail: "a redirect to nowhere" };
      url = new URL(location, target).href;
    }
    return { kind: "failed", detail: "it redirects without an end" };
  }

  return {
    download,
    open,
    async close() {
      await Promise.all([...pools.values()].map((each) => each.destroy()));
    },
  };
}

async function receive(
  { headers, body }: Dispatcher.ResponseData,
  path: string,
  maxBytes: number,
): Promise<Downloaded> {
  if ((lengthIn(headers) ?? 0) > maxBytes) {
    body.on("error", () => {}).destroy();
    return { kind: "too_large" };
  }
  const received = await receiveFile(body, path, maxBytes);
  if (received === "too_large") return { kind: "too_large" };
  return { kind: "done", ...received, declared: typeIn(headers) };
}

async function* bounded(
  body: AsyncIterable<unknown>,
  maxBytes: number,
  onEnd: () => void,
): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  try {
    for await (const chunk of body) {
      const piece: Buffer = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
      bytes += piece.length;
      if (bytes > maxBytes) throw new Error(`the file is larger than ${maxBytes} bytes`);
      yield piece;
    }
  } finally {
    onEnd();
  }
}

type Headers = Dispatcher.ResponseData["headers"];

function typeIn({ "content-type": declared }: Headers): string | null {
  return typeof declared === "string" ? declared : null;
}

function lengthIn({ "content-length": length }: Headers): number | null {
  return typeof length === "string" && /^\d+$/.test(length) ? Number(length) : null;
}
