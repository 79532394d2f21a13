import { CurlewError } from "../../core/errors.ts";
import { one } from "../express-lane.ts";
import type { Answerer } from "../listen.ts";
import { problemAnswer } from "../problems/problem.ts";
import { requestIdOf } from "../requests/request-log.ts";

const COME_BACK_S = 5;

/** What a process answers until it can serve, which may take as long as a migration does: that it lives, and what it is at. */
export function answerWhileStarting(o: { stage(): string; newId(): string }): Answerer {
  return (incoming, outgoing) => {
    const requestId = requestIdOf(one(incoming.headers["x-request-id"]), o.newId);
    const path = incoming.url?.split("?")[0];
    const { status, headers, body } =
      path === "/healthz" ? ALIVE : problemAnswer(refusal(o.stage()), requestId);
    outgoing.writeHead(status, {
      "x-request-id": requestId,
      "x-content-type-options": "nosniff",
      ...headers,
      "content-length": Buffer.byteLength(body),
    });
    outgoing.end(body);
  };
}

const ALIVE = {
  status: 200,
  headers: { "content-type": "application/json" },
  body: JSON.stringify({ status: "ok" }),
};

function refusal(stage: string): CurlewError {
  return new CurlewError("unavailable", `This process is starting: ${stage}. Nothing was done.`, {
    retryAfterS: COME_BACK_S,
    extra: { checks: { database: stage, engine: "not started" } },
  });
}
