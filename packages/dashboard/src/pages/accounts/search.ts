import * as z from "zod/mini";

/** What the address of the list can say. */
export const accountsSearch = z.object({
  open: z.catch(z.optional(z.string()), undefined),
});
