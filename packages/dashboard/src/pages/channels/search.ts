import * as z from "zod/mini";

/** What the address of the list can say, and that of a new one. */
export const channelsSearch = z.object({
  kind: z.catch(z.optional(z.enum(["whatsapp", "messenger", "instagram", "sms"])), undefined),
});
