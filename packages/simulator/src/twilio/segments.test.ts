import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { countSegments } from "./segments.ts";

const vectors = new URL(
  "../../../../../shared/fixtures/twilio/sms_segments_vectors.json",
  import.meta.url,
);

interface Vector {
  name: string;
  text: string;
  smart_encoding: boolean;
  segments: number;
}

describe("segments", () => {
  test.each([
    ["", 1],
    ["a".repeat(160), 1],
    ["a".repeat(161), 2],
    ["a".repeat(153 * 2), 2],
    ["€".repeat(80), 1],
    ["€".repeat(81), 2],
    [`${"a".repeat(152)}€${"a".repeat(152)}`, 3],
    ["ç".repeat(70), 1],
    ["ç".repeat(71), 2],
    ["😀".repeat(40), 2],
    [`${"ç".repeat(66)}😀${"ç".repeat(66)}`, 3],
  ])("%j travels in %i", (text, segments) => {
    expect(countSegments(text)).toBe(segments);
  });

  test.runIf(existsSync(vectors))("Twilio's own calculator counts the same", () => {
    const { vectors: all }: { vectors: Vector[] } = JSON.parse(readFileSync(vectors, "utf8"));
    const plain = all.filter((each) => !each.smart_encoding);
    expect(plain.length).toBeGreaterThan(20);
    for (const { name, text, segments } of plain) expect(countSegments(text), name).toBe(segments);
  });
});
