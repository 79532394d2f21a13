import { describe, expect, test } from "vitest";
import { type HeldSecret, planRotation, type RotationStep } from "./secret-rotation.ts";

const NOW = 1_000_000;
const signing: HeldSecret = { id: "a", stage: "signing", expiresAt: null };
const staged: HeldSecret = { id: "b", stage: "staged", expiresAt: null };
const retiring = (id: string, expiresAt = NOW + 1): HeldSecret => ({
  id,
  stage: "retiring",
  expiresAt,
});
const plan = (secrets: HeldSecret[], step?: RotationStep, overlapS = 60) =>
  planRotation(secrets, step, { now: NOW, overlapS });

describe("a rotation", () => {
  test.each<[string, HeldSecret[], RotationStep | undefined, number, object]>([
    ["signs at once without a step", [signing], undefined, 60, { adds: "signing", retires: "a" }],
    [
      "ends the old one without an overlap",
      [signing],
      undefined,
      0,
      { adds: "signing", drops: ["a"] },
    ],
    ["makes a first secret where there is none", [], undefined, 60, { adds: "signing" }],
    [
      "forgets what was staged",
      [signing, staged],
      undefined,
      60,
      { adds: "signing", retires: "a", drops: ["b"] },
    ],
    ["stages beside the one that signs", [signing], "stage", 60, { adds: "staged" }],
    [
      "stages anew instead of what was lost",
      [signing, staged],
      "stage",
      60,
      { adds: "staged", drops: ["b"] },
    ],
    ["lets the staged one sign", [signing, staged], "promote", 60, { promotes: "b", retires: "a" }],
    [
      "promotes without an overlap",
      [signing, staged],
      "promote",
      0,
      { promotes: "b", drops: ["a"] },
    ],
    ["promotes where nothing signed", [staged], "promote", 60, { promotes: "b" }],
    [
      "ends every older one",
      [signing, staged, retiring("o"), retiring("p")],
      "retire",
      60,
      { drops: ["o", "p"] },
    ],
    ["has nothing to end", [signing], "retire", 60, {}],
    [
      "clears away what is over",
      [signing, retiring("o", NOW)],
      "stage",
      60,
      { adds: "staged", drops: ["o"] },
    ],
    [
      "keeps one more that retires",
      [signing, retiring("o")],
      undefined,
      60,
      { adds: "signing", retires: "a" },
    ],
  ])("%s", (_, secrets, step, overlapS, expected) => {
    expect(plan(secrets, step, overlapS)).toEqual({
      ...{ adds: null, promotes: null, retires: null, drops: [] },
      ...expected,
    });
  });

  test("needs something staged to promote", () => {
    expect(plan([signing], "promote")).toMatchObject({ refusal: expect.stringMatching(/staged/) });
  });

  test("does not pile up secrets that still count, unless it ends the last one", () => {
    const many = [signing, retiring("o"), retiring("p")];
    expect(plan(many)).toMatchObject({ refusal: expect.stringMatching(/still retiring/) });
    expect(plan(many, undefined, 0)).toMatchObject({ adds: "signing", drops: ["a"] });
    expect(plan([signing, retiring("o"), retiring("p", NOW)])).toMatchObject({ retires: "a" });
  });
});
