import { firstIdAt } from "../../core/ids.ts";
import { fieldRefused } from "../api.ts";
import { instantSchema } from "./instant.ts";

/** Parameters that narrow a list to a span of time: from `since` on, and before `until`. */
export const spanFilters = {
  since: instantSchema.optional(),
  until: instantSchema.optional(),
};

/** Between which ids a span lies. One whose ends are the wrong way round is refused. */
export function idsWithin({
  since,
  until,
}: {
  since?: number | undefined;
  until?: number | undefined;
}): { from: string | undefined; to: string | undefined } {
  if (since !== undefined && until !== undefined && since > until) {
    throw fieldRefused("since", "is after until");
  }
  return {
    from: since === undefined ? undefined : firstIdAt(since),
    to: until === undefined ? undefined : firstIdAt(until),
  };
}
