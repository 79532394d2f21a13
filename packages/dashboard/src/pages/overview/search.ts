import * as z from "zod/mini";

/** What the address of the overview can say. */
export const overviewSearch = z.object({
  days: z.catch(z.optional(z.enum(["1", "7", "30"])), undefined),
});
