import { expect, test } from "vitest";
import { inWords } from "./failure.ts";

const own = { host: "127.0.0.1", port: 8400 };
const failed = (message: string, fields: object) => Object.assign(new Error(message), fields);

test.each([
  [failed("ENOSPC: no space left", { code: "ENOSPC", dest: "/data/runtime/libicudata.so" })],
  [failed("EDQUOT: quota exceeded", { code: "EDQUOT", path: "/data/runtime/libicudata.so" })],
  [
    new Error("it did not start", {
      cause: failed("full", { code: "ENOSPC", path: "/data/runtime/libicudata.so" }),
    }),
  ],
])("a full disk is told in words, and without a stack: %s", (error) => {
  expect(inWords(error, own)).toBe(
    "The disk has no more room for /data/runtime/libicudata.so. Make some, and do this again.",
  );
});

test("so is one of the database", () => {
  const full = failed("could not extend file: No space left on device", { code: "53100" });
  expect(inWords(full, own)).toBe(
    "The database's disk has no more room (could not extend file: No space left on device). Make some there, and do this again.",
  );
});

test("what nobody has words for is told whole", () => {
  expect(inWords(failed("odd", { code: "EODD" }), own)).toMatch(/^Error: odd\n +at /);
});
