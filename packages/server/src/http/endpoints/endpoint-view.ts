import { z } from "@hono/zod-openapi";
import type { Queryable } from "../../core/events/recording.ts";
import { publicId } from "../../core/ids.ts";
import type { Clock } from "../../core/outside/clock.ts";
import type { Dialect } from "../../dialects/dialect.ts";
import { readSpeech } from "../../dialects/speech.ts";
import { type EndpointSecret, listSecrets } from "../../storage/endpoints/endpoint-secrets.ts";
import type { Endpoint } from "../../storage/endpoints/endpoints.ts";
import { listOwnTypes } from "../../storage/events/event-types.ts";
import { fieldRefused, showInstant, shownId, shownInstant } from "../api.ts";
import { ShownWarning, selectorWarnings, type Warning } from "../events/type-warnings.ts";
import { hiddenHeaders, ShownAuth } from "./endpoint-auth.ts";

/** What the routes need to know of a dialect that endpoints may be created with. */
export type OfferedDialect = Pick<
  Dialect,
  | "name"
  | "events"
  | "options"
  | "initialState"
  | "schedule"
  | "timeoutMs"
  | "multipleSignatures"
  | "secret"
>;

const ShownSecret = z
  .object({
    id: shownId("sec"),
    stage: z.enum(["staged", "signing", "retiring"]),
    created_at: shownInstant,
    expires_at: shownInstant.nullable().openapi({ description: "When a retiring one ends" }),
    still_needed: z.int().nullable().openapi({
      description:
        "Of a retiring one: how many deliveries were taken only because they were sent again, signed with it. Null where every request carries all signatures, so that nobody can tell",
    }),
  })
  .openapi("EndpointSecret");

export const ShownEndpoint = z
  .object({
    id: shownId("ep"),
    serial: z.int(),
    account_id: shownId("acc").nullable().openapi({
      description:
        "Of an endpoint that was made with the key of an account: it gets nothing but that account's, whatever its filters say",
    }),
    name: z.string(),
    description: z.string().nullable(),
    url: z.string(),
    dialect: z.string(),
    dialect_options: z.record(z.string(), z.union([z.boolean(), z.number(), z.string()])),
    shadow_dialect: z.string().nullable(),
    hold_key: z.record(z.string(), z.string()).nullable(),
    events: z.array(z.string()),
    channels: z.array(z.string()),
    account_ids: z.array(shownId("acc")),
    campaign_ids: z.array(z.string()),
    custom_fields: z.array(z.string()),
    retry_schedule: z.array(z.int()),
    timeout_ms: z.int(),
    ordering: z.enum(["parallel", "conversation"]),
    rate_limit: z.int().nullable(),
    headers: z.record(z.string(), z.string()),
    filter: z.record(z.string(), z.unknown()).nullable(),
    has_auth: z.boolean(),
    auth: ShownAuth.nullable(),
    metadata: z.record(z.string(), z.string()),
    secrets: z.array(ShownSecret),
    state: z.enum(["pending", "enabled", "disabled", "paused"]),
    state_reason: z.string().nullable(),
    verified_at: shownInstant.nullable().openapi({
      description: "When it last sent a token back, at the URL that it has",
    }),
    created_at: shownInstant,
    updated_at: shownInstant,
    warnings: z.array(ShownWarning).optional().openapi({
      description:
        "In the answer to whoever sets a URL or `events`, where there are any: what has no address yet, what looks like a slip, and what nobody has described",
    }),
  })
  .openapi("Endpoint");

export const ShownNewEndpoint = ShownEndpoint.extend({
  secret: z.string().nullable().openapi({
    description:
      "It signs every request: shown here and never again. Null in a dialect where it is the client's to bring, and none came.",
  }),
}).openapi("NewEndpoint");

type Shown = z.infer<typeof ShownEndpoint>;

/** An endpoint as it was written, and what is to be said of what was taken. */
export interface Kept {
  endpoint: Endpoint;
  warnings: Warning[];
}

/** Endpoints as the API shows them, with their secrets' stages and what their dialects add. */
export interface EndpointViews {
  show(endpoint: Endpoint): Promise<Shown>;
  /** The same, with what is to be said of what was set, and of `events`; absent: they were not. */
  showChanged(kept: Kept, events: readonly string[] | undefined): Promise<Shown>;
  /** Reads what it takes to show these, and answers how each is shown. */
  showing(endpoints: readonly Endpoint[]): Promise<(endpoint: Endpoint) => Shown>;
  /** Refuses the name of a dialect that this version does not speak. */
  requireDialect(name: string, pointer?: string): OfferedDialect;
}

export function endpointViews(deps: {
  db: Queryable;
  clock: Pick<Clock, "now">;
  /** The dialects that endpoints can be created with. */
  dialects: readonly OfferedDialect[];
}): EndpointViews {
  async function showing(endpoints: readonly Endpoint[]): Promise<(endpoint: Endpoint) => Shown> {
    const ids = endpoints.map(({ id }) => id);
    const secrets = ids.length === 0 ? [] : await listSecrets(deps.db, ids, deps.clock.now());
    return (endpoint) => {
      const own = secrets.filter(({ endpointId }) => endpointId === endpoint.id);
      return showEndpoint(endpoint, requireDialect(endpoint.dialect), own);
    };
  }

  async function show(endpoint: Endpoint): Promise<Shown> {
    return (await showing([endpoint]))(endpoint);
  }

  async function showChanged(
    { endpoint, warnings: ofUrls }: Kept,
    events: readonly string[] | undefined,
  ): Promise<Shown> {
    const shown = await show(endpoint);
    const ofEvents = events === undefined ? [] : await warningsOf(endpoint, events);
    const warnings = [...ofUrls, ...ofEvents];
    return warnings.length === 0 ? shown : { ...shown, warnings };
  }

  async function warningsOf(endpoint: Endpoint, events: readonly string[]): Promise<Warning[]> {
    const own = await listOwnTypes(deps.db, endpoint.workspaceId);
    return selectorWarnings(events, {
      described: own.map(({ type }) => type),
      names: requireDialect(endpoint.dialect).events?.map(({ name }) => name) ?? [],
    });
  }

  function requireDialect(name: string, pointer = "/dialect"): OfferedDialect {
    const found = deps.dialects.find((each) => each.name === name);
    if (found) return found;
    const offered = deps.dialects.map((each) => each.name).join(", ");
    throw fieldRefused(pointer, `this version speaks ${offered}, not ${JSON.stringify(name)}`);
  }

  return { show, showChanged, showing, requireDialect };
}

/** What an endpoint leaves to its dialect is shown as the dialect has it. */
function showEndpoint(
  endpoint: Endpoint,
  dialect: OfferedDialect,
  secrets: readonly EndpointSecret[],
): Shown {
  return {
    id: publicId("ep", endpoint.id),
    serial: endpoint.serial,
    account_id: endpoint.ownerAccountId && publicId("acc", endpoint.ownerAccountId),
    name: endpoint.name,
    description: endpoint.description,
    url: endpoint.url,
    dialect: endpoint.dialect,
    dialect_options: { ...readSpeech(dialect, endpoint).options },
    shadow_dialect: endpoint.shadowDialect,
    hold_key: readJson(endpoint.holdKey),
    events: showEvents(endpoint.events, dialect),
    channels: [...endpoint.channelKinds, ...endpoint.channelIds.map((id) => publicId("ch", id))],
    account_ids: endpoint.accountIds.map((id) => publicId("acc", id)),
    campaign_ids: endpoint.campaignIds,
    custom_fields: endpoint.customFields,
    retry_schedule: endpoint.retrySchedule ?? [...dialect.schedule],
    timeout_ms: endpoint.timeoutMs ?? dialect.timeoutMs,
    ordering: endpoint.ordering,
    rate_limit: endpoint.rateLimit,
    headers: hiddenHeaders(endpoint),
    filter: readJson(endpoint.filter),
    has_auth: endpoint.auth !== null,
    auth: readJson(endpoint.authShown),
    metadata: readJson(endpoint.metadata) ?? {},
    secrets: secrets.map((secret) => showSecret(secret, dialect)),
    state: endpoint.state,
    state_reason: endpoint.stateReason,
    verified_at: showInstant(endpoint.verifiedAt),
    created_at: showInstant(endpoint.createdAt),
    updated_at: showInstant(endpoint.updatedAt),
  };
}

/** In the dialect's own names, where it has names for a canonical type. */
function showEvents(events: readonly string[], { events: names }: OfferedDialect): string[] {
  if (names === null) return [...events];
  const shown = events.flatMap((text) => {
    if (names.some(({ name }) => name === text)) return [text];
    const own = names.filter(({ type }) => type === text).map(({ name }) => name);
    return own.length > 0 ? own : [text];
  });
  return [...new Set(shown)];
}

function showSecret(
  { id, stage, createdAt, expiresAt, stillNeeded }: EndpointSecret,
  { multipleSignatures }: OfferedDialect,
): z.infer<typeof ShownSecret> {
  return {
    id: publicId("sec", id),
    stage,
    created_at: showInstant(createdAt),
    expires_at: showInstant(expiresAt),
    still_needed: stage === "retiring" && !multipleSignatures ? stillNeeded : null,
  };
}

/** What our own schemas let in and `JSON.stringify` wrote. */
function readJson<T>(text: string | null): T | null {
  return text === null ? null : (JSON.parse(text) as T); // a column of ours
}
