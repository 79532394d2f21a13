import * as z from "zod/mini";

const text = z.catch(z.optional(z.string()), undefined);

/** What the address of the inbox can say. Without `status`, open ones are shown. */
export const inboxSearch = z.object({
  status: z.catch(z.optional(z.enum(["escalated", "closed"])), undefined),
  channel: text,
  find: text,
  /** The message whose event is explained. */
  why: text,
});
