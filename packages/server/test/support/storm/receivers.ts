import { parseId } from "../../../src/core/ids.ts";
import type { PostResult } from "../../../src/delivery/attempt/attempt.ts";
import type { OpenTarget } from "../../../src/delivery/attempt/targets.ts";
import { ok, refused } from "../engine/town.ts";
import type { Station } from "./station.ts";

/** What an endpoint does with a request. */
export type Manner =
  | "takes it"
  | "fails"
  | "asks for patience"
  | "is gone"
  /** Nothing listens there. */
  | "is not there"
  /** No answer before the deadline. */
  | "hangs"
  /** It has taken it, and its answer does not arrive. */
  | "swallows it"
  /** It takes it, or fails, when the storm lets it. */
  | "takes it late"
  | "fails late";

/** One request, as the receiver saw it. */
export interface Request {
  station: Station;
  url: string;
  eventId: string;
  n: number;
  isReplay: boolean;
  headers: Readonly<Record<string, string>>;
  body: string;
  /** The receiver has it. */
  isReceived: boolean;
  isTaken: boolean;
  /** ms since the epoch. */
  at: number;
  /** Its place in the order of all beginnings and ends. */
  begunAt: number;
  endedAt: number | null;
  /** What the process was told; null while it was not. */
  status: number | string | null;
}

interface Around {
  now(): number;
  sleep(ms: number): Promise<void>;
  hold(): Promise<void>;
}

const failed = (error: string): PostResult => ({ kind: "failed", error, detail: error, ms: 3 });

/** Customers' endpoints, which do as the storm says. */
export class Receivers {
  readonly requests: Request[] = [];
  /** What the next requests to an endpoint meet with, by its URL; then it takes them. */
  readonly #manners = new Map<string, Manner[]>();
  readonly #around: Around;
  #moment = 0;

  constructor(around: Around) {
    this.#around = around;
  }

  /** The place of the last beginning or end in the order of all. */
  get moment(): number {
    return this.#moment;
  }

  behave(url: string, manners: readonly Manner[]): void {
    this.#manners.set(url, [...(this.#manners.get(url) ?? []), ...manners]);
  }

  calm(): void {
    this.#manners.clear();
  }

  readonly opener =
    (station: Station): OpenTarget =>
    (_, { url }) => ({
      post: async ({ headers, body, deadlineMs }) => {
        const manner = this.#manners.get(url)?.shift() ?? "takes it";
        const { id } = JSON.parse(body);
        const isTaken = manner === "takes it" || manner === "swallows it";
        const request: Request = {
          ...{ station, url, headers, body, isTaken, status: null, endedAt: null },
          at: this.#around.now(),
          eventId: parseId("evt", id) ?? "",
          n: Number(headers["webhook-attempt"]),
          isReplay: "webhook-replayed" in headers,
          isReceived: manner !== "is not there",
          begunAt: ++this.#moment,
        };
        this.requests.push(request);
        const result = repeating(body, await this.#answer(manner, deadlineMs, request));
        await station.awake();
        request.status = result.kind === "response" ? result.status : result.error;
        request.endedAt = ++this.#moment;
        return result;
      },
      close: async () => {},
    });

  async #answer(manner: Manner, deadlineMs: number, request: Request): Promise<PostResult> {
    switch (manner) {
      case "takes it":
        return ok;
      case "fails":
        return refused(500);
      case "is gone":
        return refused(410);
      case "asks for patience":
        return { ...refused(429), headers: { retryAfter: "3" } } as PostResult;
      case "is not there":
        return failed("connection_refused");
      case "hangs":
      case "swallows it":
        await this.#around.sleep(deadlineMs);
        return failed("timeout");
      case "takes it late":
      case "fails late": {
        const answered = this.#around.hold().then(() => {
          request.isTaken = manner === "takes it late";
          return true;
        });
        const isInTime = await Promise.race([
          answered,
          this.#around.sleep(deadlineMs).then(() => false),
        ]);
        if (!isInTime) return failed("timeout");
        return request.isTaken ? ok : refused(500);
      }
    }
  }
}

/** Many receivers answer with what they were sent. */
function repeating(body: string, result: PostResult): PostResult {
  return result.kind === "response" ? { ...result, body } : result;
}
