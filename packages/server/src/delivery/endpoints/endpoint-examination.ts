import { randomBytes } from "node:crypto";
import { liveSecrets } from "../attempt/attempt.ts";
import type { EndpointView } from "../directory/directory.ts";
import { TEST_MARK, wordsOf } from "./endpoint-test.ts";
import { signedBy } from "./masked-headers.ts";
import type { Probe, Probed, Prober } from "./prober.ts";
import { chooseSample, writeSample } from "./sample-event.ts";

/** Older than any receiver that looks at the time lets pass. */
const STALE_MS = 60 * 60_000;
const SECRET_BYTES = 32;

export type Check = "genuine" | "forged" | "unsigned" | "tampered" | "stale";

export interface Examined extends Probed {
  check: Check;
  expected: "accepted" | "refused";
  outcome: "accepted" | "refused" | "no_answer";
  passed: boolean;
  /** What it means, in words. */
  detail: string;
}

/**
 * Sends a right sample, then others that a receiver which checks refuses: signed by somebody else, not
 * signed, changed after they were signed and, where the signature covers the time, signed long ago.
 * Each is an event of its own, marked as a test. While the right one is refused, the others would say
 * nothing and are not sent. Whoever breaks off does not take it either, but must take the next right one:
 * else it has fallen over, as it would for anybody who sends it this.
 */
export async function examineEndpoint(prober: Prober, endpoint: EndpointView): Promise<Examined[]> {
  const send = async (check: Check, twist: Partial<Probe> = {}) =>
    judge(check, endpoint, await prober.send(endpoint, { ...sample(prober, endpoint), ...twist }));
  const examined: Examined[] = [];
  for (const [check, twist] of twistsOf(prober, endpoint)) {
    const one = await send(check, twist);
    const isDown =
      check !== "genuine" && one.outcome === "no_answer" && !(await send("genuine")).passed;
    examined.push(isDown ? fallen(one) : one);
    if (isDown || (check === "genuine" && !one.passed)) break;
  }
  return examined;
}

function sample(prober: Prober, endpoint: EndpointView): Probe {
  const choice = chooseSample(endpoint, undefined);
  if ("refusal" in choice) throw new Error(choice.refusal);
  const { dialect, speech, workspaceId, timeoutMs: deadlineMs } = endpoint;
  const eventId = prober.newId();
  const native = writeSample(choice, { now: prober.now(), workspaceId, eventId });
  const body = dialect.render({ native, history: null }, speech, dialect.renderer);
  return { type: choice.type, body, eventId, deadlineMs, marks: TEST_MARK };
}

/** What is wrong with each request, as far as the dialect's signature could show it. */
function twistsOf(prober: Prober, endpoint: EndpointView): [Check, Partial<Probe>][] {
  const { dialect } = endpoint;
  const twists: [Check, Partial<Probe>][] = [["genuine", {}]];
  if (liveSecrets(endpoint, prober.now()).length === 0) return twists;
  const forger = { id: "", value: dialect.secret.make(randomBytes(SECRET_BYTES)) };
  twists.push(["forged", { secrets: [forger] }], ["unsigned", { isUnsigned: true }]);
  const covered = signedBy(dialect, endpoint.speech.options);
  if (covered.body)
    twists.push(["tampered", { change: (body) => body.replace("{", '{"forged":true,') }]);
  if (covered.time) twists.push(["stale", { signedAt: prober.now() - STALE_MS }]);
  return twists;
}

/** What a receiver refuses, and what else may come of it. */
const WRONG: Record<Exclude<Check, "genuine">, { what: string; risk: string }> = {
  forged: { what: "what somebody else has signed", risk: "anybody could write to it" },
  unsigned: { what: "what nobody has signed", risk: "anybody could write to it" },
  tampered: {
    what: "a body that was changed after it was signed",
    risk: "it does not verify the whole body",
  },
  stale: {
    what: "what was signed an hour ago",
    risk: "whoever records a request can send it again. Look at webhook-timestamp",
  },
};

function judge(check: Check, { dialect }: EndpointView, probed: Probed): Examined {
  const { result } = probed;
  const outcome =
    result.kind === "failed"
      ? "no_answer"
      : dialect.isDelivered(result.status)
        ? "accepted"
        : "refused";
  const expected = check === "genuine" ? "accepted" : "refused";
  const passed = expected === "accepted" ? outcome === "accepted" : outcome !== "accepted";
  const meaning = meaningOf(check, passed);
  const detail = outcome === "accepted" ? meaning : `${meaning} ${wordsOf(result)}`;
  return { ...probed, check, expected, outcome, passed, detail };
}

function meaningOf(check: Check, passed: boolean): string {
  if (check === "genuine") {
    return passed
      ? "It takes what is rightly signed."
      : "It does not take what is rightly signed; POST /v1/doctor says what may be wrong.";
  }
  const { what, risk } = WRONG[check];
  return passed ? `It refuses ${what}.` : `It takes ${what}: ${risk}.`;
}

/** One that breaks off at what is wrong, and takes nothing afterwards. */
function fallen(one: Examined): Examined {
  if (one.check === "genuine") return one;
  const { what } = WRONG[one.check];
  const detail = `It falls over at ${what} and takes nothing since: anybody can stop it with that. ${wordsOf(one.result)}`;
  return { ...one, passed: false, detail };
}
