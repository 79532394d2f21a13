import { z } from "@hono/zod-openapi";
import { isEventSelector, notAType } from "../../core/events/event-types.ts";
import { publicId } from "../../core/ids.ts";
import type { Started } from "../../delivery/jobs/replay.ts";
import { fieldRefused, shownId } from "../api.ts";
import { instantSchema } from "../parameters/instant.ts";

/** What any replay of many takes. */
export const replayFilters = {
  types: z
    .array(z.string())
    .min(1)
    .max(100)
    .optional()
    .openapi({ description: "Types, and prefixes like `order.*`", example: ["message.received"] }),
  until: instantSchema.optional(),
  dry_run: z.boolean().default(false).openapi({ description: "Count, and do nothing" }),
};

export const ShownReplay = z
  .object({
    count: z.int().openapi({ description: "How many deliveries are meant" }),
    job_id: shownId("job").nullable().openapi({
      description: "The job that replays them; null for a dry run, and where there are none",
    }),
    is_exact: z.boolean().openapi({
      description:
        "False where counting took too long: `count` is how far it came, and there are more",
    }),
    expunged: z.int().openapi({
      description:
        "How many more would be meant if their bodies had not been expunged; of what is missing, how many may be",
    }),
    dry_run: z.boolean(),
  })
  .openapi("Replay");

export function showReplay(
  { count, isExact, expunged, jobId }: Started,
  dryRun: boolean,
): z.infer<typeof ShownReplay> {
  const shownJob = jobId && publicId("job", jobId);
  return { count, is_exact: isExact, expunged, job_id: shownJob, dry_run: dryRun };
}

/** Refuses the first type that no event could ever have. */
export function requireTypes(types: readonly string[] = []): void {
  types.forEach((text, i) => {
    if (text !== "*" && isEventSelector(text)) return;
    throw fieldRefused(`/types/${i}`, notAType(text), "unknown_event_type");
  });
}
