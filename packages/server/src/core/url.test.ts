import { expect, test } from "vitest";
import { readUrl } from "./url.ts";

test("a URL with letters beyond ASCII is read however often it is asked", () => {
  for (let n = 0; n < 20_000; n++) {
    if (readUrl("https://BÜCHER.example/") === null) expect.fail(`refused at the ${n}th time`);
  }
  expect(readUrl("https://BÜCHER.example/")?.host).toBe("xn--bcher-kva.example");
  expect(readUrl("bücher")).toBeNull();
});
