import { z } from "@hono/zod-openapi";
import type { Probed } from "../../delivery/endpoints/prober.ts";
import { showInstant, shownInstant } from "../api.ts";

/** A request that was sent to one endpoint outside of the log, and what came back. */
export const ShownProbe = z.object({
  sent_at: shownInstant,
  ms: z.int(),
  first_byte_ms: z.int().nullable(),
  status: z.int().nullable().openapi({ description: "Null where nothing answered" }),
  response: z.string().nullable().openapi({ description: "The beginning of the answer's body" }),
  request: z
    .object({
      method: z.literal("POST"),
      url: z.string(),
      headers: z.record(z.string(), z.string()),
      body: z.string(),
    })
    .openapi({ description: "What was sent, with `***` for what comes of a secret" }),
});

export function showProbe({ sentAt, result, request }: Probed): z.infer<typeof ShownProbe> {
  const answered = result.kind === "response";
  return {
    sent_at: showInstant(sentAt),
    ms: Math.round(result.ms),
    first_byte_ms: answered ? Math.round(result.firstByteMs) : null,
    status: answered ? result.status : null,
    response: answered ? result.body : null,
    request: { method: "POST", ...request },
  };
}
