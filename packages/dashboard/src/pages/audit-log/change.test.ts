import { expect, test } from "vitest";
import { changeOf } from "./change.ts";

test.each([
  ["PATCH /v1/endpoints/:id", "changed an endpoint"],
  ["POST /v1/endpoints/:id/pause", "paused an endpoint"],
  ["POST /v1/endpoints/:id/replay", "replayed what was missed to an endpoint"],
  ["POST /v1/dead-letters/replay", "replayed dead letters"],
  ["POST /v1/events/:id/expunge", "expunged the body of an event"],
  ["POST /v1/channels/connect/whatsapp", "connected a channel"],
  ["DELETE /v1/catchers/:id/requests", "emptied a catcher"],
  ["POST /v1/leads/:id/merge-into", "used merge into on a lead"],
  ["POST /v1/webhooks/{id}/constructor", "used constructor on an endpoint (Genesy)"],
])("%s is told as: %s", (operation, told) => {
  expect(changeOf({ operation })).toBe(told);
});
