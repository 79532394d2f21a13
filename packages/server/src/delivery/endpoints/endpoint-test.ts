import { publicId } from "../../core/ids.ts";
import type { PostResult } from "../attempt/attempt.ts";
import type { EndpointView } from "../directory/directory.ts";
import type { Notices } from "./notices.ts";
import type { Probed, Prober } from "./prober.ts";
import { chooseSample, writeSample } from "./sample-event.ts";

/** Marks what is no real event. */
export const TEST_MARK = { "webhook-test": "1" } as const;

export interface TestOutcome extends Probed {
  eventId: string;
  type: string;
  delivered: boolean;
  /** Why it was not delivered, in words, or null. */
  error: string | null;
}

/** Sends a sample to one endpoint, whatever state it is in, and tells the others what came of it. */
export async function testEndpoint(
  { prober, notices }: { prober: Prober; notices: Pick<Notices, "tested"> },
  endpoint: EndpointView,
  asked: string | undefined,
): Promise<TestOutcome | { refusal: string }> {
  const choice = chooseSample(endpoint, asked);
  if ("refusal" in choice) return choice;
  const { id, name, workspaceId, dialect } = endpoint;
  const eventId = prober.newId();
  const about = { endpoint_id: publicId("ep", id), endpoint_name: name };
  const native = writeSample(choice, {
    ...{ now: prober.now(), workspaceId, eventId },
    ...(choice.type === "endpoint.tested" && { data: about }),
  });
  const probed = await prober.send(endpoint, {
    type: choice.type,
    body: dialect.render({ native, history: null }, endpoint.speech, dialect.renderer),
    eventId,
    deadlineMs: endpoint.timeoutMs,
    marks: TEST_MARK,
  });
  const { result } = probed;
  const delivered = result.kind === "response" && dialect.isDelivered(result.status);
  const error = delivered ? null : wordsOf(result);
  await notices.tested(endpoint, {
    delivered,
    type: choice.type,
    status: result.kind === "response" ? result.status : null,
    error,
  });
  return { ...probed, eventId, type: choice.type, delivered, error };
}

/** What went wrong with a request, in words. */
export function wordsOf(result: PostResult): string {
  if (result.kind === "failed") return sentence(result.detail);
  const { status } = result;
  return status >= 300 && status < 400
    ? `It answered ${status}, a redirect: those are not followed.`
    : `It answered ${status}.`;
}

function sentence(text: string): string {
  const whole = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(whole) ? whole : `${whole}.`;
}
