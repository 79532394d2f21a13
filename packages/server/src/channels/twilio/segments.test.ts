import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { segmentsOf } from "./segments.ts";

const shared = new URL(
  "../../../../../../shared/fixtures/twilio/sms_segments_vectors.json",
  import.meta.url,
);

interface Vector {
  name: string;
  text: string;
  smart_encoding: boolean;
  encoding: string;
  segments: number;
}

describe("the segments of a text", () => {
  test.each([
    ["", "GSM-7", 1],
    ["a".repeat(160), "GSM-7", 1],
    ["a".repeat(161), "GSM-7", 2],
    [`${"a".repeat(152)}€${"a".repeat(152)}`, "GSM-7", 3],
    ["ç".repeat(70), "UCS-2", 1],
    ["ç".repeat(71), "UCS-2", 2],
    ["😀".repeat(40), "UCS-2", 2],
  ])("%j travels as %s in %i", (text, encoding, segments) => {
    expect(segmentsOf(text)).toEqual({ encoding, segments });
  });

  test("a text beyond all measure is counted in no time", () => {
    expect(segmentsOf("😀".repeat(200_000)).segments).toBeGreaterThan(20);
  });

  test.runIf(existsSync(shared))("every vector counts as recorded", () => {
    const { vectors }: { vectors: Vector[] } = JSON.parse(readFileSync(shared, "utf8"));
    const plain = vectors.filter((each) => !each.smart_encoding);
    expect(plain.length).toBeGreaterThan(20);
    for (const { name, text, encoding, segments } of plain) {
      expect(segmentsOf(text), name).toEqual({ encoding, segments });
    }
  });
});
