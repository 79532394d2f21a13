import * as z from "zod/mini";

/** Which part is shown; the workspace's where nothing is said. */
export const settingsSearch = z.object({
  part: z.catch(z.optional(z.literal("account")), undefined),
});
