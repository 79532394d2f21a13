import * as z from "zod/mini";
import { RANGES } from "../../api/series.ts";

/** What the address of the list can say. */
export const endpointsSearch = z.object({
  state: z.catch(z.optional(z.enum(["enabled", "paused", "disabled", "pending"])), undefined),
});

/** What the address of one endpoint can say. */
export const endpointSearch = z.object({
  tab: z.catch(z.optional(z.enum(["overview", "secrets", "settings"])), undefined),
  range: z.catch(z.optional(z.enum(RANGES)), undefined),
});
