import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import type { EventName } from "../core/events/event-names.ts";
import type { Content } from "../core/messages/content.ts";
import {
  type SampleWish,
  sampleBody,
  sampleDraft,
  sampleNamed,
} from "../core/samples/event-samples.ts";
import type { Dialect } from "./dialect.ts";
import { dialectNames, getDialect } from "./registry.ts";
import { plainSpeech } from "./speech.ts";

/**
 * What each dialect makes of an event, kept beside its renderer: the event as it was given and the
 * body. A file is composed from a sample once (`npx vitest run golden -u` writes what is missing) and
 * never changes after a release: a renderer that would change one gets a successor.
 */
const SCENE = {
  now: Date.parse("2026-11-21T10:00:00.123Z"),
  workspaceId: "018cd4a0-0000-7000-8000-0000000000aa",
};
const EVENT_ID = "019aa5d3-607b-7c31-9a4f-5be1c0de0123";

interface Golden {
  given: object;
  options: Record<string, boolean | number | string>;
  custom_fields: string[];
}

async function expectGolden(
  dialect: Dialect,
  file: string,
  compose: () => Golden,
): Promise<string> {
  const path = fileURLToPath(
    new URL(`${dialect.name}/golden/${dialect.renderer}/${file}.golden`, import.meta.url),
  );
  // What was given is the file's: a sample may change, what a renderer made of it may not.
  const { given, options, custom_fields }: Golden = existsSync(path)
    ? JSON.parse(readFileSync(path, "utf8"))
    : compose();
  const speech = { options, customFields: custom_fields };
  const event = { native: JSON.stringify(given), history: null };
  const text = dialect.render(event, speech, dialect.renderer);
  const body: unknown = JSON.parse(text);
  expect(JSON.stringify(body), "parsed and written again it is the same").toBe(text);
  const kept = JSON.stringify({ given, options, custom_fields, body }, null, 2);
  await expect(`${kept}\n`).toMatchFileSnapshot(path);
  return text;
}

function golden(
  dialect: Dialect,
  draft: Parameters<typeof sampleBody>[0],
  more: Partial<Golden> = {},
) {
  const options = { ...plainSpeech(dialect).options, ...more.options };
  const given: object = JSON.parse(sampleBody(draft, EVENT_ID));
  return { given, options, custom_fields: more.custom_fields ?? [] };
}

const compatible = dialectNames.map(getDialect).filter(({ events }) => events !== null);
const named = compatible.flatMap((dialect) =>
  (dialect.events ?? []).map((name): [string, string, string, Dialect, EventName] => [
    dialect.name,
    name.type,
    name.name,
    dialect,
    name,
  ]),
);

describe("every name of every dialect", () => {
  test.each(named)("%s: %s is %s", async (_, type, name, dialect, event) => {
    const text = await expectGolden(dialect, `${type}--${name}`, () =>
      golden(dialect, sampleNamed(event, SCENE)),
    );
    expect(text).toContain(`"${name}"`);
  });
});

describe("every kind of content that a customer can send", () => {
  const CONTENTS: Content["type"][] = [
    "image",
    "video",
    "audio",
    "voice",
    "document",
    "sticker",
    "location",
    "contacts",
    "interactive_reply",
    "reaction",
    "order",
    "story_reply",
    "unsupported",
    "purged",
  ];
  const cases = compatible
    .filter(({ name }) => name !== "genesy")
    .flatMap((dialect) =>
      CONTENTS.map((content): [string, Content["type"], Dialect] => [
        dialect.name,
        content,
        dialect,
      ]),
    );
  test.each(cases)("%s: %s", async (_, content, dialect) => {
    const wish: SampleWish = { channelKind: "whatsapp", content };
    const text = await expectGolden(dialect, `content--${content}`, () =>
      golden(dialect, sampleDraft("message.received", SCENE, wish)),
    );
    expect(text).toMatch(/message[._]received/);
  });
});

describe("what a dialect has no name for", () => {
  test.each(compatible.map((dialect): [string, Dialect] => [dialect.name, dialect]))(
    "%s: keeps its canonical type and its data, in the dialect's envelope",
    async (_, dialect) => {
      const text = await expectGolden(dialect, "extended--message.read", () =>
        golden(dialect, sampleDraft("message.read", SCENE), { options: { extended_events: true } }),
      );
      expect(JSON.parse(text)).toMatchObject({ data: { is_final: true } });
      expect(text).toContain('"message.read"');
    },
  );
});

test("DMtoLead calls what a person wrote manual, and it costs nothing", async () => {
  const dialect = getDialect("dmtolead");
  const text = await expectGolden(dialect, "message.sent--by-hand", () =>
    golden(dialect, sampleDraft("message.sent", SCENE, { actor: "agent" })),
  );
  expect(JSON.parse(text).data.type).toBe("manual");
});

test("Genesy's body holds the custom fields that the endpoint asked for, null where there are none", async () => {
  const dialect = getDialect("genesy");
  const text = await expectGolden(dialect, "outreach.replied--custom-fields", () =>
    golden(dialect, sampleDraft("outreach.replied", SCENE), {
      custom_fields: ["mobilePhone", "leadCountry", "shoeSize", "__proto__"],
    }),
  );
  expect(JSON.parse(text).customFields).toMatchObject({ leadCountry: "PT", shoeSize: null });
});
