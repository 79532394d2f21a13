import { z } from "@hono/zod-openapi";

/** What can be counted, kept and written everywhere: nothing was before it, and nothing is planned for after it. */
const FIRST_MS = Date.UTC(1970, 0, 1);
const END_MS = Date.UTC(10_000, 0, 1);

/** Refuses what is before or after. What is no time at all, the schema has refused already. */
export function withinYears<Schema extends z.ZodType<string>>(instant: Schema) {
  return instant.refine(
    (text) => !(Date.parse(text) < FIRST_MS || Date.parse(text) >= END_MS),
    "must be in the years 1970 to 9999",
  );
}

/** An instant in a body or a query: RFC 3339 with an offset. Gives milliseconds since the epoch. */
export const instantSchema = withinYears(
  z.iso.datetime({
    offset: true,
    error: ({ input }) =>
      input === undefined ? "is missing" : "is not an instant like 2026-11-21T10:00:00Z",
  }),
)
  .transform((text) => Date.parse(text))
  .openapi({ type: "string", format: "date-time", example: "2026-11-21T10:00:00Z" });
