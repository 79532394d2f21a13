import type { IncomingHttpHeaders } from "node:http";
import type { JsonObject } from "../json.ts";
import type { Fault, FaultSubject } from "./faults.ts";
import type { Refusal } from "./refusal.ts";

export interface ApiRequest {
  method: string;
  /** The path without Meta's version. */
  segments: readonly string[];
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
  body: Buffer;
  /** Where the simulator is reached, for the URLs in its answers. */
  origin: string;
}

export interface Answer {
  status: number;
  body: JsonObject | Buffer;
  contentType?: string;
  headers?: Record<string, string>;
  /** What happens once the answer has left. */
  after?: () => Promise<void>;
}

/** One provider's API, as the HTTP server sees it. */
export interface Api {
  /** Whether a request for this path is its own. */
  owns(segments: readonly string[]): boolean;
  /** What a fault may know of a request; `body` is null before it has been read. */
  subject(request: {
    method: string;
    segments: readonly string[];
    body: JsonObject | null;
  }): FaultSubject;
  /** The body as it is written down and as `subject` reads it. */
  readBody(body: Buffer): unknown;
  /** Throws a Refusal for whatever it would not do. */
  answer(request: ApiRequest): Promise<Answer>;
  /** The refusal that a fault of kind "error" asks for. */
  refuse(fault: Fault): Refusal;
  /** How its bodies are written. */
  write(body: JsonObject): string;
}
