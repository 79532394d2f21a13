import * as z from "zod/mini";

/** The member or invitation that stands open, or the form that invites. */
export const membersSearch = z.object({
  open: z.catch(z.optional(z.string()), undefined),
  new: z.catch(z.optional(z.literal("invitation")), undefined),
});
