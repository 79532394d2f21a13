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
 * nothing and are not sent.
 */
export async function examineEndpoint(prober: Prober, endpoint: EndpointView): Promise<Examined[]> {
  const examined: Examined[] = [];
  for (const [check, twist] of twistsOf(prober, endpoint)) {
    const probed = await prober.send(endpoint, { ...sample(prober, endpoint), ...twist });
    const one = judge(check, endpoint, probed);
    examined.push(one);
    if (check === "genuine" && !one.passed) break;
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

const MEANING: Record<Check, { passed: string; failed: string }> = {
  genuine: {
    passed: "It takes what is rightly signed.",
    failed: "It does not take what is rightly signed; POST /v1/doctor says what may be wrong.",
  },
  forged: {
    passed: "It refuses what somebody else has signed.",
    failed: "It takes what somebody else has signed: anybody could write to it.",
  },
  unsigned: {
    passed: "It refuses what nobody has signed.",
    failed: "It takes what nobody has signed: anybody could write to it.",
  },
  tampered: {
    passed: "It refuses a body that was changed after it was signed.",
    failed:
      "It takes a body that was changed after it was signed: it does not verify the whole body.",
  },
  stale: {
    passed: "It refuses what was signed an hour ago.",
    failed:
      "It takes what was signed an hour ago: whoever records a request can send it again. Look at webhook-timestamp.",
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
  // Whoever breaks off does not take it either.
  const passed = expected === "accepted" ? outcome === "accepted" : outcome !== "accepted";
  const meaning = MEANING[check][passed ? "passed" : "failed"];
  const detail = outcome === "accepted" ? meaning : `${meaning} ${wordsOf(result)}`;
  return { ...probed, check, expected, outcome, passed, detail };
}
