import { publicId } from "../../core/ids.ts";
import type { Step, Tracing } from "../../core/outside/tracing.ts";
import type { Settlement } from "../../storage/deliveries/deliveries.ts";
import type { EndpointView } from "../directory/directory.ts";
import type { Work } from "../work.ts";

/** An attempt as a step of its event's trace. */
export function beginAttempt(tracing: Tracing, work: Work, endpoint: EndpointView): Step {
  return tracing.begin("attempt", {
    kind: "client",
    within: work.place,
    about: {
      "curlew.event.id": publicId("evt", work.eventId),
      "curlew.event.type": work.type,
      "curlew.endpoint.id": publicId("ep", endpoint.id),
      "curlew.attempt": work.n,
    },
  });
}

export function outcomeOf({ state, attempt }: Settlement): Parameters<Step["end"]>[0] {
  const { status = null, error = null } = attempt ?? {};
  return {
    about: {
      "curlew.delivery.state": state,
      ...(status === null ? {} : { "http.response.status_code": status }),
    },
    failure: state === "delivered" || state === "cancelled" ? null : (error ?? `${status}`),
  };
}
