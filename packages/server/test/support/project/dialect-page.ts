import { readFileSync } from "node:fs";
import type { EventName } from "../../../src/core/events/event-names.ts";
import type { Dialect } from "../../../src/dialects/dialect.ts";

interface Prose {
  title: string;
  intro: string;
  signature: string;
  secret: string;
  begins: string;
  notes: readonly string[];
  /** `type--name` of the bodies whose form the vendor has published; the others are proposed. */
  published: readonly string[];
}

/** The reference page of a dialect: what its folder says, in tables, with a body of each name. */
export function dialectPage(dialect: Dialect, prose: Prose): string {
  const names = dialect.events ?? [];
  const { schedule, timeoutMs, slowMs } = dialect;
  return `# ${prose.title}

${prose.intro}

| | |
| --- | --- |
| \`dialect\` | \`${dialect.name}\` |
| Signature | ${prose.signature} |
| Secret | ${prose.secret} |
| A new endpoint is | ${prose.begins} |
| Retries | after ${schedule.map(duration).join(", ")}; then a dead letter, which can be replayed |
| Deadline | ${timeoutMs / 1000} s; an attempt of more than ${slowMs / 1000} s is shown as slow |
| Delivered | 2xx; everything else is retried |

${prose.notes.join("\n\n")}

The [headers of Standard Webhooks](../../guides/verifying-webhooks.md) come with every request too.

## Options

\`dialect_options\` of the endpoint:

| option | values | without it | |
| --- | --- | --- | --- |
${dialect.options.map(optionRow).join("\n")}

## Events

\`events\` of the endpoint are these names, or Curlew's own types. The first name that fits is used.

| name | Curlew's type | when | body |
| --- | --- | --- | --- |
${names.map((name) => nameRow(name, prose.published)).join("\n")}

## Bodies

${names.map((name) => example(dialect, name)).join("\n\n")}
`;
}

function optionRow(rule: Dialect["options"][number]): string {
  const values =
    rule.kind === "flag"
      ? "`true`, `false`"
      : rule.kind === "count"
        ? `0 to ${rule.most}`
        : rule.choices.map((choice) => `\`${choice}\``).join(", ");
  return `| \`${rule.name}\` | ${values} | \`${rule.initial}\` | ${rule.description} |`;
}

function nameRow(name: EventName, published: readonly string[]): string {
  const conditions = [
    name.channels && `on ${name.channels.map(channelInWords).join(", ")}`,
    name.contents && `the content is \`${name.contents.join("`, `")}\``,
    name.actors && `written by \`${name.actors.join("`, `")}\``,
    name.media && `over ${name.media.map(channelInWords).join(", ")}`,
  ].filter((each) => each !== null);
  const kind = published.includes(keyOf(name)) ? "as published" : "proposed";
  return `| \`${name.name}\` | \`${name.type}\` | ${conditions.join("; ") || "always"} | ${kind} |`;
}

function channelInWords(kind: string): string {
  return kind === "none" ? "no channel" : kind;
}

function example(dialect: Dialect, name: EventName): string {
  const path = `../../../src/dialects/${dialect.name}/golden/${dialect.renderer}/${keyOf(name)}.golden`;
  const { body } = JSON.parse(readFileSync(new URL(path, import.meta.url), "utf8"));
  const from = `\`${name.name}\`, of \`${name.type}\``;
  return `### ${from}\n\n\`\`\`json\n${JSON.stringify(body, null, 2)}\n\`\`\``;
}

function keyOf({ type, name }: EventName): string {
  return `${type}--${name}`;
}

function duration(seconds: number): string {
  if (seconds % 3600 === 0) return `${seconds / 3600} h`;
  return seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`;
}

export const PROSE: Readonly<Record<string, Prose>> = {
  chatgenius: {
    title: "The ChatGenius dialect",
    intro: `What a consumer of ChatGenius' webhooks expects. Its public pages name the events, the header and the retries,
and show no body: all bodies here are **proposed**. Compare one with a delivery of your own before you switch over
(\`shadow_dialect\` shows both side by side).`,
    signature:
      "`X-ChatGenius-Signature: sha256=<hex>`: HMAC-SHA256 over the raw body, keyed by the characters of the secret. `signature_format` changes how the value is written",
    secret: "made by Curlew (`whsec_…`), or the one you have: 8 to 256 printable characters",
    begins: '`disabled`, until it is enabled (or created with `"enabled": true`)',
    notes: [
      `Six waits make **seven** requests: the published "6 attempts" name six waits, and the last one would have no use if
the sixth request were the last. The dashboard and the API count attempts of seven.`,
      "Every event carries the conversation (status, whether the AI answers, the window for free messages, `ticket_ref`, what brought the customer first), the customer and the platform's ids. `client_id` is the account, or the workspace where there is none. `platform` is the kind of channel, as `POST /v1/send` takes it.",
      "An advertisement that brought the customer stands in `referral` (`ad_id`, `headline`, `body`, `click_id`). A message whose body was purged has the type `purged` and `body_purged: true`.",
      "What a message brought stands beside its words: `media`, `share` (`url` leads to the post, or to the file of it), `story`, `location`, `contacts`, `interactive` (with `response_json` where a form was filled in), `attachments` for what came in the same message. Words beside a picture are its `caption`; by SMS they are `text` too, and every message has `encoding` and `segments`. `reply_to` is the answered message's id, or the platform's where Curlew does not know it.",
    ],
    published: [],
  },
  chatmefy: {
    title: "The Chatmefy dialect",
    intro: `What a consumer of Chatmefy's webhooks expects. The body of \`lead.created\` is published; the others are **proposed** in
the same style.`,
    signature:
      "`X-Chatmefy-Signature: sha256=<hex>`: HMAC-SHA256 over the body, keyed by the characters of the secret",
    secret: "made by Curlew (`whsec_…`), or the one you have: 8 to 256 printable characters",
    begins: '`disabled`: send a test first, then enable it (or create it with `"enabled": true`)',
    notes: [
      "Chatmefy's own example verifies `JSON.stringify(req.body)`, not the bytes that came. That works here: every body is the same when it is parsed and written again. Times are in whole seconds.",
      "`message.sent` is what a bot wrote, ours or your own over `POST /v1/send`; what a person or a campaign wrote is not sent. A conversation that goes on after it was closed is `conversation.started` again. `POST /v1/send` takes the `conv_…` of these bodies as `conversation_id`.",
    ],
    published: ["lead.created--lead.created"],
  },
  dmtolead: {
    title: "The DMtoLead dialect",
    intro: `What a consumer of DMtoLead's webhooks expects. The bodies of \`conversation.created\` and \`message.sent\` are published;
the others are **proposed** in the same style.`,
    signature:
      "`X-DMtoLead-Signature: <hex>`: HMAC-SHA256 over the raw body, keyed by the characters of the key; exactly 64 lower-case digits, since its example throws at anything longer",
    secret:
      "a key made for the endpoint and shown once, or the one you have: 8 to 256 printable characters",
    begins:
      '`pending`, until its URL has answered `webhook.verify`; `"enabled": true` does not skip it',
    notes: [
      `The verification is a signed \`POST\` of \`{"event": "webhook.verify", "verifyToken": "…", "timestamp": "…"}\`. Within 10 seconds
the answer is a 2xx with \`Content-Type: application/json\` and \`{"verifyToken": "…"}\`, the very token. With \`strict_200\` only 200 counts.`,
      "DMtoLead says that it stores the key hashed. A hash cannot sign: Curlew keeps it sealed (AES-256-GCM) and never shows it again.",
      "`type` is `manual` for what a person wrote, `ai` for everything else; `creditsUsed` is what was counted, else 1 for `ai` and 0 for `manual`. `closedBy` is `agent` when a conversation was resolved by hand or over the API, `ai` otherwise. A conversation that goes on after it was closed is `conversation.created` again.",
    ],
    published: ["conversation.created--conversation.created", "message.sent--message.sent"],
  },
  genesy: {
    title: "The Genesy dialect",
    intro: `What a consumer of Genesy's webhooks expects. Its public pages name the events, the header and the fields of a
subscription, and show no body: all bodies here are **proposed**.`,
    signature: "`X-Webhook-Secret: <secret>`, in clear; left out where the endpoint has none",
    secret:
      "yours, 8 to 256 printable characters, or none; never shown. Whoever reads a log on the way reads it: verify `webhook-signature`, which does not tell it",
    begins: "`enabled`",
    notes: [
      "Ids are integers: Curlew's serials, or the numbers that you publish. `customFields` holds the endpoint's `custom_fields`, `null` where the contact has no such field.",
      "Timestamps have microseconds; the last three digits come of the event's id. Genesy's advice to know a repeated event by its time and type then goes wrong once in a thousand events of one type and millisecond: use `webhook-id`, which never does.",
    ],
    published: [],
  },
};
