import type { JsonObject } from "../json.ts";

/** What an API answers instead of doing as it is asked: in the envelope of its own errors. */
export class Refusal extends Error {
  readonly status: number;
  readonly body: JsonObject;

  constructor(message: string, status: number, body: JsonObject) {
    super(message);
    this.status = status;
    this.body = body;
  }
}
