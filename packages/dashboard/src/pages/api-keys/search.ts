import * as z from "zod/mini";

/** The key that stands open, or the form for a new one. */
export const apiKeysSearch = z.object({
  open: z.catch(z.optional(z.string()), undefined),
  new: z.catch(z.optional(z.literal("key")), undefined),
});
