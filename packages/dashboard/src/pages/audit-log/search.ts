import * as z from "zod/mini";

/** Whose changes are listed, and the entry that stands open. */
export const auditSearch = z.object({
  actor: z.catch(z.optional(z.string()), undefined),
  open: z.catch(z.optional(z.string()), undefined),
});
