import * as z from "zod/mini";
import { deliveryFilters } from "../deliveries/search.ts";

export const deadLettersSearch = z.object({
  ...deliveryFilters,
  open: z.optional(z.string()),
  attempt: z.optional(z.string()),
});

export type DeadLettersAddress = z.output<typeof deadLettersSearch>;
