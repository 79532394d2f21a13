import { expect, test } from "vitest";
import { purgedContent, textContent, unsupportedContent } from "./content.ts";

test("contents are written in the words of the API", () => {
  expect([
    textContent("Hello"),
    unsupportedContent("poll", "provider"),
    unsupportedContent(null, "malformed"),
    purgedContent("text"),
  ]).toEqual([
    { type: "text", text: "Hello" },
    { type: "unsupported", provider_type: "poll", reason: "provider" },
    { type: "unsupported", provider_type: null, reason: "malformed" },
    { type: "purged", original_type: "text" },
  ]);
});
