import { z } from "@hono/zod-openapi";
import { expect, test } from "vitest";
import { withoutAbsent } from "./absent-members.ts";

const schema = z.strictObject({
  name: z.string(),
  note: z.string().max(5).optional(),
  kind: z.enum(["a", "b"]).default("a"),
  reply_to: z.union([z.string(), z.int()]).optional(),
  until: z.string().nullable().optional(),
  tags: z.array(z.string()).optional(),
  labels: z.record(z.string(), z.string()).optional(),
  facts: z.record(z.string(), z.unknown()).optional(),
  media: z
    .strictObject({ url: z.url().optional(), id: z.string().optional() })
    .refine(({ url, id }) => (url === undefined) !== (id === undefined))
    .optional(),
  parts: z
    .array(
      z.union([
        z.strictObject({ title: z.string(), id: z.string(), note: z.string().optional() }),
        z.strictObject({ title: z.string(), url: z.string() }),
      ]),
    )
    .optional(),
  odd: z
    .string()
    .nullable()
    .refine((text) => text !== null)
    .optional(),
});

test.each<[string, object, object]>([
  ["a member that need not be there", { note: null }, {}],
  ["one that has a default", { kind: null }, {}],
  ["one of several types", { reply_to: null }, {}],
  ["one inside another", { media: { url: null, id: "1" } }, { media: { id: "1" } }],
  [
    "one in a list",
    { parts: [{ title: "a", id: "1", note: null }] },
    { parts: [{ title: "a", id: "1" }] },
  ],
  ["a name of a map of texts", { labels: { a: null, b: "c" } }, { labels: { b: "c" } }],
  ["several at once", { note: null, kind: null, media: null }, {}],
])("null stands for absent in %s", (_, given, taken) => {
  const body = { name: "n", ...given };
  const before = structuredClone(body);
  expect(withoutAbsent(schema, body)).toEqual({ name: "n", ...taken });
  expect(body).toEqual(before);
  expect(schema.safeParse(withoutAbsent(schema, body)).success).toBe(true);
});

test.each<[string, object]>([
  ["where it says something", { until: null }],
  ["in a map of anything", { facts: { a: null } }],
  ["in a list", { tags: [null] }],
  ["under a name that nobody knows", { colour: null }],
  ["where a rule refuses it", { odd: null }],
])("null stays %s", (_, given) => {
  const body = { name: "n", ...given };
  expect(withoutAbsent(schema, body)).toBe(body);
});

test("what must be there is missing when it is null", () => {
  const { error } = schema.safeParse(withoutAbsent(schema, { name: null, note: null }));
  expect(error?.issues.map(({ path, code }) => ({ path, code }))).toEqual([
    { path: ["name"], code: "invalid_type" },
  ]);
});

test.each([null, [null], "text", 5])("a body that is no object is left as it is: %j", (body) => {
  expect(withoutAbsent(schema, body)).toBe(body);
});
