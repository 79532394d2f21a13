import type { Clock } from "../clock.ts";
import type { Answer } from "./api-request.ts";
import type { Fault } from "./faults.ts";
import type { Refusal } from "./refusal.ts";
import type { Ending } from "./request-log.ts";

/** An answer and what becomes of the connection that it would travel on. */
export interface Outcome {
  answer: Answer;
  ending: Exclude<Ending, "closed_unread">;
}

/** Carries the request out as the fault allows it. Throws a Refusal like the request itself. */
export async function answerUnder(
  fault: Fault | null,
  {
    carryOut,
    refuse,
    clock,
  }: { carryOut: () => Promise<Answer>; refuse: (fault: Fault) => Refusal; clock: Clock },
): Promise<Outcome> {
  switch (fault?.kind) {
    case "error":
      throw refuse(fault);
    case "bare": {
      const carried = fault.accept ? await carryOut() : null;
      const page = edgePage(fault.status ?? 502);
      return {
        answer: { ...page, ...(carried?.after ? { after: carried.after } : {}) },
        ending: "answered",
      };
    }
    case "drop":
      return { answer: await carryOut(), ending: "dropped" };
    case "cut":
      return { answer: await carryOut(), ending: "cut" };
    case "hang":
      return { answer: await carryOut(), ending: "hanging" };
    case "delay": {
      const answer = await carryOut();
      await clock.sleep(fault.ms ?? 1_000);
      return { answer, ending: "answered" };
    }
    default:
      return { answer: await carryOut(), ending: "answered" };
  }
}

/** What the edge in front of the API says when the API does not: no envelope, no JSON. */
function edgePage(status: number): Answer {
  const html = `<html><head><title>Error</title></head><body><h1>HTTP ${status}</h1></body></html>`;
  return { status, body: Buffer.from(html), contentType: "text/html; charset=utf-8" };
}
