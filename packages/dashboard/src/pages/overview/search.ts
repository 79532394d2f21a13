import * as z from "zod/mini";
import { RANGES } from "../../api/series.ts";

/** What the address of the overview can say. */
export const overviewSearch = z.object({
  range: z.catch(z.optional(z.enum(RANGES)), undefined),
});
