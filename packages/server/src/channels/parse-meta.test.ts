import { existsSync, readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ParsedItem } from "./meta/items.ts";
import { parseMeta } from "./parse-meta.ts";

const own = new URL("./whatsapp/fixtures/", import.meta.url);
/** Payloads from Meta's documents and from other projects' tests, beside the repository where they are at hand. */
const shared = new URL("../../../../../shared/fixtures/", import.meta.url);

interface Recorded {
  request?: unknown;
  rawBody?: string;
  items: unknown[];
}

function read(body: string): ParsedItem[] {
  return parseMeta(new TextEncoder().encode(body));
}

function jsonFiles(folder: URL): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder).filter((name) => name.endsWith(".json"));
}

/** What a message has none of is left out of the recordings. */
const NOTHING: Record<string, string> = {
  thread: "null",
  referral: "null",
  media: "[]",
  traits: "{}",
  isHistory: "false",
};

/** The items without what they came as, which has its own tests. */
function told(items: readonly ParsedItem[]): unknown[] {
  return items.map(({ raw: _, ...rest }) =>
    Object.fromEntries(
      Object.entries(rest).filter(([name, value]) => NOTHING[name] !== JSON.stringify(value)),
    ),
  );
}

function request(...messages: unknown[]): string {
  return JSON.stringify({
    object: "whatsapp_business_account",
    entry: [
      { changes: [{ field: "messages", value: { metadata: { phone_number_id: "1" }, messages } }] },
    ],
  });
}

const good = { id: "wamid.good", from: "15550199001", type: "text", text: { body: "good" } };

describe("reading Meta's requests", () => {
  test.each(jsonFiles(own))("%s is read as recorded", (name) => {
    const recorded: Recorded = JSON.parse(readFileSync(new URL(name, own), "utf8"));
    const body = recorded.rawBody ?? JSON.stringify(recorded.request);
    expect(told(read(body))).toEqual(recorded.items);
  });

  test("the recordings are found", () => {
    expect(jsonFiles(own).length).toBeGreaterThan(10);
  });

  describe.each(["whatsapp", "messenger", "instagram"])("payloads of others: %s", (kind) => {
    const folder = new URL(`${kind}/`, shared);
    const files = jsonFiles(folder);
    test.runIf(files.length > 0)("each item of each becomes something", () => {
      for (const name of files) {
        const body = readFileSync(new URL(name, folder), "utf8");
        const items = read(body);
        expect(items.length, name).toBeGreaterThanOrEqual(
          Math.max(1, countItems(JSON.parse(body))),
        );
        for (const id of messageIds(JSON.parse(body))) {
          expect(
            items.some((item) => item.raw.includes(id)),
            `${name}: ${id}`,
          ).toBe(true);
        }
      }
    });
  });

  test("a text message comes with its words, its sender and its time", () => {
    const [item] = read(request({ ...good, timestamp: "1795000000" }));
    expect(item).toMatchObject({
      kind: "message",
      providerId: "wamid.good",
      content: { type: "text", text: "good" },
      sender: { identities: [{ kind: "wa_id", value: "15550199001" }] },
      sentAt: 1_795_000_000_000,
    });
  });

  test("an item keeps what it came as", () => {
    const [item] = read(request({ ...good, unheard: { of: [1, null, "\u0000"] } }));
    expect(item?.raw && JSON.parse(item.raw)).toEqual({
      ...good,
      unheard: { of: [1, null, "\u0000"] },
    });
  });

  test.each([
    ["1795000000", 1_795_000_000_000],
    [1_795_000_000, 1_795_000_000_000],
    ["1795000000123", 1_795_000_000_123],
    [1_795_000_000_123, 1_795_000_000_123],
    ["", null],
    [0, null],
    ["-1", null],
    ["1e300", null],
    ["soon", null],
    [253_402_300_800_000, null],
    [null, null],
  ])("the timestamp %j is read as %s", (timestamp, sentAt) => {
    expect(read(request({ ...good, timestamp }))[0]).toMatchObject({ sentAt });
  });

  test("a request that was written down without its frame is WhatsApp's where it names a number", () => {
    const value = { metadata: { phone_number_id: "109900000000001" }, messages: [good] };
    expect(read(JSON.stringify({ entry: [{ changes: [{ value }] }] }))).toMatchObject([
      { kind: "message", channel: { kind: "whatsapp", externalId: "109900000000001" } },
    ]);
    expect(read(JSON.stringify({ entry: [{ changes: [{ value: {} }] }] }))).toMatchObject([
      { kind: "unreadable", reason: "unknown_object" },
    ]);
  });

  test("an id is cut neither by a NUL nor by half a pair, and an endless one is none", () => {
    const [nul, half, endless] = read(
      request(
        { ...good, id: "wamid.\u0000a" },
        { ...good, id: "wamid.\ud800a" },
        { ...good, id: "x".repeat(10_000) },
      ),
    );
    expect(nul).toMatchObject({ providerId: "wamid.a" });
    expect(half).toMatchObject({ providerId: "wamid.\ufffda" });
    expect(endless).toMatchObject({ kind: "unreadable", reason: "no_provider_id" });
  });

  test.each([
    ["letters", "x".repeat(140_000)],
    ["letters that JSON writes with six", "\u0001".repeat(30_000)],
  ])("a text of too many %s is kept as it came, not cut", (_, body) => {
    const [item] = read(request({ ...good, text: { body } }));
    expect(item).toMatchObject({
      content: { type: "unsupported", provider_type: "text", reason: "too_long" },
      keepRaw: true,
    });
    expect(JSON.parse(item?.raw ?? "").text.body).toBe(body);
  });

  test("a million nested lists cost their neighbours nothing and are kept", () => {
    const depth = 500_000;
    const deep = `${"[".repeat(depth)}${"]".repeat(depth)}`;
    const body = request(good, "DEEP", good).replace('"DEEP"', `{"a":${deep},"b":2}`);
    const items = read(body);
    expect(items.map((item) => item.kind)).toEqual(["message", "unreadable", "message"]);
    expect(items[1]?.raw).toBe(`{"a":${deep},"b":2}`);
  });

  test("a request with more items than Meta ever sends is kept in one piece", () => {
    const items = read(request(...Array.from({ length: 5_001 }, () => good)));
    expect(told(items)).toEqual([{ kind: "unreadable", channel: null, reason: "too_many_items" }]);
  });

  test("bytes that are no UTF-8 are read as far as they go", () => {
    const body = new TextEncoder().encode(request({ ...good, text: { body: "a?b" } }));
    const broken = body.map((byte) => (byte === 0x3f ? 0xff : byte));
    expect(parseMeta(broken)[0]).toMatchObject({ content: { type: "text", text: "a\ufffdb" } });
    expect(parseMeta(Uint8Array.from([0xff, 0xfe, 0x00]))[0]).toMatchObject({ reason: "not_json" });
  });

  test("no JSON makes it throw, and there is always something to keep", () => {
    fc.assert(
      fc.property(fc.json(), (body) => {
        expect(read(body).length).toBeGreaterThan(0);
      }),
    );
  });

  test("no bytes make it throw", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (body) => {
        expect(parseMeta(body).length).toBeGreaterThan(0);
      }),
    );
  });

  test("a bad item costs its neighbours nothing", () => {
    fc.assert(
      fc.property(mutilated(), mutilated(), (before, after) => {
        const items = read(request(before, good, after));
        expect(items).toHaveLength(3);
        expect(items[1]).toMatchObject({ kind: "message", content: { text: "good" } });
      }),
      { numRuns: 500 },
    );
  });

  test("a bad change, value or entry costs its neighbours nothing", () => {
    const change = JSON.parse(request(good)).entry[0].changes[0];
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), fc.jsonValue(), (value, other, entry) => {
        const body = {
          object: "whatsapp_business_account",
          entry: [entry, { changes: [{ field: "messages", value }, other, change] }, entry],
        };
        const messages = read(JSON.stringify(body)).filter((item) => item.kind === "message");
        expect(messages).toHaveLength(1);
      }),
      { numRuns: 500 },
    );
  });
});

/** A message of which any member may be anything. */
function mutilated(): fc.Arbitrary<unknown> {
  const anything = fc.oneof(fc.jsonValue(), fc.string({ unit: "binary" }), fc.double());
  return fc.oneof(
    fc.jsonValue(),
    fc.record(
      {
        id: anything,
        from: anything,
        from_user_id: anything,
        timestamp: anything,
        type: fc.oneof(anything, fc.constantFrom("text", "unsupported", "constructor")),
        text: fc.oneof(anything, fc.record({ body: anything })),
        context: anything,
        errors: anything,
        group_id: anything,
      },
      { requiredKeys: [] },
    ),
  );
}

interface Envelope {
  entry?: {
    changes?: { field?: string; value?: { messages?: { id?: string }[]; statuses?: [] } }[];
  }[];
}

function changesOf(body: Envelope) {
  return (body.entry ?? []).flatMap((entry) => entry.changes ?? []);
}

function countItems(body: Envelope): number {
  return changesOf(body)
    .filter(({ field }) => field === undefined || field === "messages")
    .reduce(
      (sum, { value }) => sum + (value?.messages?.length ?? 0) + (value?.statuses?.length ?? 0),
      0,
    );
}

function messageIds(body: Envelope): string[] {
  return changesOf(body).flatMap(({ value }) =>
    (value?.messages ?? []).flatMap(({ id }) => (typeof id === "string" ? [id] : [])),
  );
}
