import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { wanted } from "../../src/channels/meta/items.ts";
import { parseMeta } from "../../src/channels/parse-meta.ts";
import {
  type InboxWorld,
  metaBody,
  openInboxWorld,
  SHOP,
} from "../support/messages/inbox-world.ts";

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
interface Request {
  object: string;
  entry: Json[];
}

const folder = new URL("../fixtures/inbound/", import.meta.url);
const recorded: Request[] = ["whatsapp", "messenger", "instagram"].flatMap((kind) =>
  readdirSync(new URL(`${kind}/`, folder)).flatMap(
    (name) => JSON.parse(readFileSync(new URL(`${kind}/${name}`, folder), "utf8")).requests,
  ),
);

const nasty = fc.oneof(
  fc.constantFrom<Json>(
    null,
    true,
    -1,
    0,
    1e300,
    "",
    "0",
    " ",
    "\u0000",
    "\ud800",
    "x".repeat(9_000),
  ),
  fc.constantFrom<Json>([], {}, [null], { id: {} }, [[[]]], "javascript:alert(1)", "__proto__"),
  fc.string({ unit: "binary", maxLength: 12 }),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);

/** Puts something else in one place of a value; `seed` chooses the place, walking down from the top. */
function mutate(value: Json, seed: readonly number[], other: Json): Json {
  const [step = 0, ...rest] = seed;
  if (value === null || typeof value !== "object" || seed.length === 0) return other;
  const names = Object.keys(value);
  if (names.length === 0) return other;
  const name = names[step % names.length] ?? "";
  if (Array.isArray(value)) {
    return value.map((each, at) => (String(at) === name ? mutate(each, rest, other) : each));
  }
  const copy: { [name: string]: Json } = { ...value };
  if (step % 11 === 10) delete copy[name];
  else copy[name] = mutate(value[name] ?? null, rest, other);
  return copy;
}

const mutated = fc
  .record({
    which: fc.nat(),
    places: fc.array(
      fc.record({ seed: fc.array(fc.nat(200), { minLength: 1, maxLength: 9 }), other: nasty }),
      { minLength: 1, maxLength: 3 },
    ),
  })
  .map(({ which, places }): Request => {
    const request = recorded[which % recorded.length] ?? { object: "page", entry: [] };
    let entry: Json = request.entry;
    for (const { seed, other } of places) entry = mutate(entry, seed, other);
    return { object: request.object, entry: Array.isArray(entry) ? entry : [entry] };
  });

const encode = (body: unknown) => new TextEncoder().encode(JSON.stringify(body));
const neighbour = (object: string, id: string) => {
  const business = object === "page" ? "309900000000001" : "17841400000000001";
  return object === "whatsapp_business_account"
    ? JSON.parse(metaBody({ [SHOP]: { messages: [word(id)] } })).entry[0]
    : {
        id: business,
        messaging: [
          { sender: { id: "7" }, recipient: { id: business }, message: { mid: id, text: "good" } },
        ],
      };
};
const word = (id: string) => ({ id, from: "15550199001", type: "text", text: { body: "good" } });

describe("recordings with something else in some places", () => {
  test("are read without an error, and cost their neighbours nothing", () => {
    fc.assert(
      fc.property(mutated, ({ object, entry }) => {
        const entries = [neighbour(object, "first"), ...entry, neighbour(object, "last")];
        const read = parseMeta(encode({ object, entry: entries }));
        const items = wanted(read);
        const good = items.filter((item) => item.kind === "message" && item.raw.includes("good"));
        const names = good.map((item) => item.kind === "message" && item.providerId);
        expect(names).toContain("first");
        expect(names).toContain("last");
        expect(read.length).toBeGreaterThanOrEqual(entries.length);
        for (const { raw } of read) expect(raw.length).toBeGreaterThan(0);
      }),
      { numRuns: 3_000 },
    );
  });
});

describe("the same in a database", () => {
  let world: InboxWorld;
  beforeAll(async () => {
    world = await openInboxWorld();
  });
  afterAll(() => world.end());

  test("are taken or kept, and their neighbours are told", async () => {
    let n = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(mutated, { minLength: 5, maxLength: 25 }), async (requests) => {
        const good = `good.${n++}`;
        const bodies = [
          ...requests,
          { object: "page", entry: [neighbour("page", good)] },
          {
            object: "whatsapp_business_account",
            entry: [neighbour("whatsapp_business_account", good)],
          },
        ];
        const batch = bodies.map((body) => ({
          provider: "meta" as const,
          items: wanted(parseMeta(encode(body))),
          onlyChannelId: null,
        }));
        await world.take(...batch);
        expect(
          await world.rows("select id from message where provider_id = $1", [good]),
        ).toHaveLength(2);
      }),
      { numRuns: 25 },
    );
    for (const { body } of await world.events()) {
      expect(JSON.parse(JSON.stringify(body))).toEqual(body);
    }
  }, 60_000);
});
