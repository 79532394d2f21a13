import * as z from "zod/mini";

const text = z.optional(z.string());

export const eventsSearch = z.object({
  type: text,
  channel: text,
  conversation: text,
  message: text,
  range: text,
  open: text,
});

export type EventsAddress = z.output<typeof eventsSearch>;

export const catalogueSearch = z.object({ type: text, dialect: text });
