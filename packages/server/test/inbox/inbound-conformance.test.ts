import { existsSync, readdirSync, readFileSync } from "node:fs";
import { Validator } from "@cfworker/json-schema";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { wanted } from "../../src/channels/meta/items.ts";
import { parseMeta } from "../../src/channels/parse-meta.ts";
import { EVENT_SCHEMAS } from "../../src/core/events/event-schemas.ts";
import type { InboundItem, InboundOutcome } from "../../src/core/messages/inbound.ts";
import { type InboxWorld, openInboxWorld } from "../support/messages/inbox-world.ts";

/** One case: what the provider sends, request by request, and which events that must become. */
interface Recorded {
  about: string;
  requests: unknown[];
  events: { type: string; data?: object; contact?: object; conversation?: object }[];
}

const own = new URL("../fixtures/inbound/", import.meta.url);
/** Payloads of Meta's documents and of other projects' tests, beside the repository where they are at hand. */
const shared = ["../../../../../shared/fixtures/", "../../../../../../shared/fixtures/"]
  .map((path) => new URL(path, import.meta.url))
  .find((folder) => existsSync(folder));

function jsonFiles(folder: URL): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder).filter((name) => name.endsWith(".json"));
}

function itemsOf(body: string): InboundItem[] {
  return wanted(parseMeta(new TextEncoder().encode(body)));
}

/** Whether data is as the catalogue says that it is. */
const fits = (type: string) => (data: unknown) =>
  new Validator(EVENT_SCHEMAS[type] ?? false, "2020-12").validate(data).valid;

let world: InboxWorld;
beforeAll(async () => {
  world = await openInboxWorld();
});
afterEach(async () => {
  await world.rows(
    `truncate event, message, media, provider_ref, unroutable, waiting_item, outbox, conversation, consent,
      identity, contact cascade`,
  );
});
afterAll(() => world.end());

async function take(body: string): Promise<InboundOutcome | undefined> {
  const [outcome] = await world.take({
    provider: "meta",
    items: itemsOf(body),
    onlyChannelId: null,
  });
  return outcome;
}

describe.each(["whatsapp", "messenger", "instagram"])("what %s sends", (kind) => {
  const folder = new URL(`${kind}/`, own);
  const cases = jsonFiles(folder).map((name): [string, Recorded] => [
    name,
    JSON.parse(readFileSync(new URL(name, folder), "utf8")),
  ]);

  test("is recorded", () => {
    expect(cases.length).toBeGreaterThan(15);
  });

  test.each(cases)("%s becomes the events that it should", async (_, { requests, events }) => {
    await world.rows("update channel set waba_id = null where name = 'Other shop'");
    for (const request of requests) {
      const outcome = await take(JSON.stringify(request));
      expect(outcome).toMatchObject({ unroutable: 0 });
    }
    const told = (await world.events()).map(({ body, type }) => ({ ...body, type }));
    expect(told.map(({ type }) => type)).toEqual(events.map(({ type }) => type));
    expect(told).toMatchObject(events);
    for (const { type, data } of told) expect(data).toSatisfy(fits(type));
    // Links of the provider's are secrets of its own, and die.
    expect(JSON.stringify(told)).not.toMatch(/fbsbx|fbcdn|scontent|lookaside/);
    // What comes again is known.
    for (const request of requests) await take(JSON.stringify(request));
    expect(await world.types()).toHaveLength(events.length);
  });
});

/** Payloads that name no channel, or a field that nobody here knows: kept, and listed. */
const UNPLACED = [
  "chatwoot_echo_with_to_user_id.json",
  "chatwoot_image_media_download_error.json",
  "pius_unrecognized_field.json",
];
/** Requests and answers of ours, and test vectors: nothing that comes in. */
const OUTGOING = /^request_|_send_re(?:quest|sponse)_|^signature_/;

/** What a file's name says that it is, and the content or the event that it must become. */
const MEANT: readonly (readonly [name: RegExp, is: string])[] = [
  [/_text(?!_reply_to_story)|_unicode/, "content text"],
  [/^meta_image|_image_caption(?<!edit.*)|attachment_image/, "content image"],
  [/_video(?!.*referral)(?<!referral_ad_video)(?<!image_and_video)\b|pywa_video/, "content video"],
  [/(?<!not_)voice/, "content voice"],
  [/audio_forwarded/, "content audio"],
  [/document/, "content document"],
  [/sticker/, "content sticker"],
  [/location/, "content location"],
  [/_contacts_(?!.*echo)/, "content contacts"],
  [/^meta_order|_order\b/, "content order"],
  [/button|list_reply|quick_reply|nfm_reply|postback/, "content interactive_reply"],
  [/story_mention/, "content story_mention"],
  [/story_reply|reply_to_story/, "content story_reply"],
  [/ig_post|chatwoot_share|share_plus_ig_post/, "content post_share"],
  [/reel/, "content reel_share"],
  [/ig_story|fallback|product_template/, "content media_share"],
  [/^(?!.*status).*unsupported|ephemeral/, "content unsupported"],
  [/system_/, "content system"],
  [/referral_/, "referral"],
  [/^(?!.*field_).*_status_/, "status"],
  [/(?<!un)reaction/, "reaction"],
  [/echo(?!_edit|_revoke)/, "echo"],
  [/message_edit|echo_edit|edit_image/, "edit"],
  [/revoke|deleted/, "deletion"],
  [/seen|read_watermark|delivery_/, "watermark"],
  [/comment|mention(?<!story_mention)(?!_echo)/, "comment"],
  [/user_preferences|optin/, "consent"],
  [/pass_thread|take_thread|request_thread/, "handover"],
  [/template_(?:status|quality|category)/, "template"],
  [
    /account_update|security|policy_enforcement|story_insights|value_level_error|app_roles/,
    "notice",
  ],
];

describe.runIf(shared !== undefined)("payloads of others", () => {
  const kinds = shared === undefined ? [] : ["whatsapp", "messenger", "instagram"];
  const files = kinds.flatMap((kind) =>
    jsonFiles(new URL(`${kind}/`, shared)).map((name) => ({ kind, name })),
  );

  test.each(files.filter(({ name }) => !OUTGOING.test(name)))(
    "$kind/$name is read as its source says",
    async ({ kind, name }) => {
      const body = readFileSync(new URL(`${kind}/${name}`, shared), "utf8");
      const items = itemsOf(body);
      await connectAll(items);
      const outcome = await take(body);
      if (UNPLACED.includes(name)) expect(outcome?.unroutable).toBeGreaterThan(0);
      else expect(outcome).toMatchObject({ unroutable: 0 });
      const read = items.flatMap(wordsFor);
      for (const [pattern, is] of MEANT) {
        if (pattern.test(name) && !UNPLACED.includes(name))
          expect(read, `${name} as ${is}`).toContain(is);
      }
    },
  );
});

/** What an item is, in the words of the table above. */
function wordsFor(item: InboundItem): string[] {
  if (item.kind !== "message" && item.kind !== "echo") return [item.kind];
  const referral = item.kind === "message" && item.referral !== null ? ["referral"] : [];
  return [item.kind, `content ${item.content.type}`, ...referral];
}

/** Connects whatever the payload is for. */
async function connectAll(items: readonly InboundItem[]): Promise<void> {
  const { workspaceId } = Object.values(world.channels)[0] ?? {};
  for (const item of items) {
    if (item.channel === null) continue;
    const { kind, externalId } = item.channel;
    const isAccount = "ofBusinessAccount" in item && item.ofBusinessAccount;
    await world.rows(
      `insert into channel (id, workspace_id, kind, name, external_id, waba_id, created_at, updated_at)
       values ($1, $2, $3, 'theirs', $4, $5, now(), now()) on conflict do nothing`,
      [world.ids.next(), workspaceId, kind, externalId, isAccount ? externalId : null],
    );
  }
}
