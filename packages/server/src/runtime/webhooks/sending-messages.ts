import type { EgressProxy } from "../network/proxy-connector.ts";
import type { TargetOptions } from "./webhook-client.ts";
import type { PostRequest, PostResult } from "./webhook-target.ts";

/** What the thread is started with. */
export interface ThreadOptions {
  allowTargets: string[];
  proxy: EgressProxy | null;
}

/** One post; `id` is that of its result. */
export interface Posted {
  id: number;
  target: number;
  path: string | undefined;
  /** Names and values in turn. */
  headers: string[];
  body: PostRequest["body"];
  deadlineMs: number;
}

/** To the sending thread. Targets and posts have numbers of the other side's making. */
export type ToThread =
  /** `exempt`: which of its URLs are our own, and are not judged. */
  | { kind: "open"; id: number; key: string; options: TargetOptions; exempt: string[] }
  | { kind: "post"; posts: readonly Posted[] }
  /** Answered with `closed`. */
  | { kind: "close"; id: number }
  /** Answered with `here`. */
  | { kind: "ask" }
  /** Closes every target, and ends. */
  | { kind: "end" };

/** From the sending thread. */
export type FromThread =
  /** The first: it begins to read what it is told. */
  | { kind: "ready" }
  /** What one turn of its event loop came to: answers, and how many posts it has begun. */
  | { kind: "turn"; results: readonly { id: number; result: PostResult }[]; begun: number }
  | { kind: "here" }
  | { kind: "closed"; id: number };
