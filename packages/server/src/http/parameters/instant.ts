import { z } from "@hono/zod-openapi";

/** An instant in a body or a query: RFC 3339 with an offset. Gives milliseconds since the epoch. */
export const instantSchema = z.iso
  .datetime({
    offset: true,
    error: ({ input }) =>
      input === undefined ? "is missing" : "is not an instant like 2026-11-21T10:00:00Z",
  })
  .transform((text) => Date.parse(text))
  .openapi({ type: "string", format: "date-time", example: "2026-11-21T10:00:00Z" });
