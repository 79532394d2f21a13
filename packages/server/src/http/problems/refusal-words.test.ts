import { z } from "@hono/zod-openapi";
import { describe, expect, test } from "vitest";
import { invalidRequest } from "../api.ts";
import { refusalWords } from "./refusal-words.ts";

const MISSING = undefined;
const button = z.union([
  z.strictObject({ title: z.string(), id: z.string() }),
  z.strictObject({ title: z.string(), url: z.url() }),
]);
const reference = z.union([z.string().regex(/^msg_/, "is not the id of a message"), z.int()]);
const header = z.discriminatedUnion("type", [
  z.object({ type: z.literal("text"), text: z.string() }),
  z.object({ type: z.enum(["image", "video"]), url: z.url() }),
]);

const CASES: readonly [schema: z.ZodType, value: unknown, words: string][] = [
  [z.string(), MISSING, "is missing"],
  [z.int(), MISSING, "is missing"],
  [z.enum(["a", "b"]), MISSING, "is missing"],
  [z.union([z.string(), z.int()]), MISSING, "is missing"],
  [z.unknown().refine(() => false), MISSING, "is not valid"],
  [z.string(), 1, "must be a string"],
  [z.number(), "1", "must be a number"],
  [z.coerce.number(), "one", "must be a number"],
  [z.int(), 1.5, "must be a whole number"],
  [z.int(), 2 ** 60, "must be at most 9007199254740991"],
  [z.boolean(), "true", "must be true or false"],
  [z.array(z.string()), {}, "must be a list"],
  [z.tuple([z.string()]), {}, "must be a list"],
  [z.object({}), [], "must be an object"],
  [z.record(z.string(), z.string()), null, "must be an object"],
  [z.null(), 1, "must be null"],
  [z.date(), 1, "must be date"],
  [z.literal("native"), "other", "must be native"],
  [z.enum(["on", "off"]), "On", "must be on or off"],
  [z.enum(["stage", "promote", "retire"]), 3, "must be stage, promote or retire"],
  [z.string().min(1), "", "must not be empty"],
  [z.string().min(3), "ab", "must be at least 3 characters"],
  [z.string().max(1), "ab", "must be at most 1 character"],
  [z.string().max(100), "x".repeat(101), "must be at most 100 characters"],
  [z.string().length(6), "12345", "must be exactly 6 characters"],
  [z.array(z.int()).min(1), [], "must not be empty"],
  [z.array(z.int()).min(2), [1], "must have at least 2 items"],
  [z.array(z.int()).max(2), [1, 2, 3], "must have at most 2 items"],
  [z.int().min(100), 99, "must be at least 100"],
  [z.int().max(60_000), 60_001, "must be at most 60000"],
  [z.int().positive(), 0, "must be more than 0"],
  [z.number().lt(1), 1, "must be less than 1"],
  [z.number().multipleOf(5), 7, "must be a multiple of 5"],
  [z.email(), "nobody", "is not an e-mail address"],
  [z.url(), "example", "is not a URL"],
  [z.uuid(), "1", "is not a UUID"],
  [z.iso.datetime(), "now", "is not an instant like 2026-11-21T10:00:00Z"],
  [z.iso.date(), "now", "is not a day like 2026-11-21"],
  [z.ipv4(), "1", "does not have the right form"],
  [z.string().regex(/^a+$/), "b", "must match /^a+$/"],
  [z.string().startsWith("a"), "b", "must begin with a"],
  [z.string().endsWith("a"), "b", "must end with a"],
  [z.record(z.string().max(1), z.int()), { ab: 1 }, "has a name that must be at most 1 character"],
  [z.union([z.string(), z.int()]), {}, "must be a string or a number"],
  [header, {}, "is missing"],
  [header, { type: "sound" }, "must be text, image or video"],
  [z.string().regex(/^v\d/, "must look like v26.0"), "26", "must look like v26.0"],
];

describe("what a schema refuses is told in plain words", () => {
  test.each(CASES.map(([schema, value, words]) => [words, value, schema] as const))(
    "%s: %j",
    (words, value, schema) => {
      const { error } = schema.safeParse(value, { error: refusalWords });
      expect(error?.issues.map(({ message }) => message)).toEqual([words]);
    },
  );
});

describe("of a value that fits no branch of a union, the branch that was meant is told", () => {
  const cases: readonly [string, z.ZodType, unknown, pointer: string, words: string][] = [
    ["by its kind", reference, "cnv_1", "/at", "is not the id of a message"],
    ["by what it lacks least", button, { title: "Open", url: "x" }, "/at/url", "is not a URL"],
    ["or all of them, if none was", reference, true, "/at", "must be a string or a number"],
  ];
  test.each(cases)("%s", (_, schema, value, pointer, detail) => {
    const { error } = z.object({ at: schema }).safeParse({ at: value }, { error: refusalWords });
    expect(error && invalidRequest("json", error).errors).toEqual([{ pointer, detail }]);
  });
});

test("a field that is not known is told with the known one that was meant", () => {
  const schema = z.strictObject({
    events: z.array(z.string()).optional(),
    url: z.string().optional(),
    filter: z.strictObject({ limit: z.int() }).optional(),
  });
  const given = { event: [], colour: "red", filter: { limit: 1, limt: 2 } };
  const { error } = schema.safeParse(given, { error: refusalWords });
  expect(error && invalidRequest("json", error).errors).toEqual([
    { pointer: "/filter/limt", detail: "is not known here; did you mean limit?" },
    { pointer: "/event", detail: "is not known here; did you mean events?" },
    { pointer: "/colour", detail: "is not known here" },
  ]);
});
