import { CurlewError } from "../../core/errors.ts";
import { isEventSelector, notAType } from "../../core/events/event-types.ts";
import type { Queryable } from "../../core/events/recording.ts";
import { parseId, publicId } from "../../core/ids.ts";
import {
  CHANNEL_KINDS,
  type ChannelKind,
  isChannelKind,
} from "../../core/messages/channel-kinds.ts";
import type { Principal } from "../../core/workspaces/principal.ts";
import { foreignName } from "../../dialects/foreign-names.ts";
import { optionProblem } from "../../dialects/options.ts";
import type { Vault } from "../../runtime/secrets/vault.ts";
import { existingChannels } from "../../storage/channels/channels.ts";
import type { Tx } from "../../storage/connections/connections.ts";
import type { Endpoint, EndpointDraft } from "../../storage/endpoints/endpoints.ts";
import { fieldRefused } from "../api.ts";
import type { Warning } from "../events/type-warnings.ts";
import { ownerOf, requireAccounts } from "../resource.ts";
import { sealAuth, sealHeaders } from "./endpoint-auth.ts";
import type { EndpointChange } from "./endpoint-body.ts";
import type { OfferedDialect } from "./endpoint-view.ts";

/** The columns that a body sets, once all that it refers to was found. */
export async function columnsOf(
  tx: Tx,
  o: {
    vault: Vault;
    principal: Principal;
    id: string;
    body: EndpointChange;
    /** The endpoint as it was; null for a new one. */
    before: Endpoint | null;
  },
): Promise<Partial<EndpointDraft>> {
  const { vault, principal, id, body, before } = o;
  const { account_ids: accountIds, channels } = body;
  if (accountIds) {
    await requireAccounts(tx, principal, accountIds, (i) => `/account_ids/${i}`);
  }
  const { kinds, ids } = splitChannels(channels ?? []);
  await requireChannels(tx, principal, ids);
  return present({
    ...(body.headers && sealHeaders(vault, id, body.headers, before?.headers ?? null)),
    ...(body.auth !== undefined && sealAuth(vault, id, body.auth)),
    name: body.name,
    description: body.description,
    url: body.url,
    dialectOptions: body.dialect_options && JSON.stringify(body.dialect_options),
    shadowDialect: body.shadow_dialect,
    holdKey: body.hold_key && JSON.stringify(body.hold_key),
    events: body.events,
    channelKinds: channels && kinds,
    channelIds: channels && ids.map((each) => each.id),
    accountIds,
    campaignIds: body.campaign_ids,
    customFields: body.custom_fields,
    retrySchedule: body.retry_schedule,
    timeoutMs: body.timeout_ms,
    ordering: body.ordering,
    rateLimit: body.rate_limit,
    filter: body.filter && JSON.stringify(body.filter),
    metadata: body.metadata && JSON.stringify(body.metadata),
  });
}

/** What the address guard says of a URL; `detail` names the setting that would allow it. */
export type UrlVerdict =
  | { ok: true; warning?: string }
  | { ok: false; rule: string; detail: string };

/** Refuses what may not be reached, and answers what is to be said of what may. */
export function requireReachable(verdict: UrlVerdict, pointer = "/url"): Warning[] {
  if (verdict.ok) {
    return verdict.warning === undefined ? [] : [{ pointer, detail: verdict.warning }];
  }
  const { rule, detail } = verdict;
  const setting = /CURLEW_\w+/.exec(detail)?.[0] ?? null;
  throw new CurlewError("address_refused", `${pointer}: ${detail}`, {
    errors: [{ pointer, detail }],
    extra: { rule, setting },
  });
}

/** Refuses the first entry that no event could ever match, and names what was probably meant. */
export function requireEventSelectors(
  events: readonly string[],
  { events: names }: OfferedDialect,
): void {
  const own = (names ?? []).map(({ name }) => name);
  events.forEach((text, i) => {
    if (own.includes(text)) return;
    const foreign = foreignName(text);
    if (foreign === null && isEventSelector(text)) return;
    throw fieldRefused(`/events/${i}`, foreign ?? notAType(text, own), "unknown_event_type");
  });
}

/** Refuses the first option that the dialect does not have, or not so. */
export function requireOptions(
  given: Readonly<Record<string, unknown>>,
  { options }: OfferedDialect,
): void {
  const problem = optionProblem(options, given);
  if (problem) throw fieldRefused(`/dialect_options/${problem.name}`, problem.detail);
}

/** Kinds and channel ids apart. */
function splitChannels(channels: readonly string[]): {
  kinds: ChannelKind[];
  ids: { id: string; pointer: string }[];
} {
  const kinds = new Set<ChannelKind>();
  const ids: { id: string; pointer: string }[] = [];
  channels.forEach((text, i) => {
    const id = parseId("ch", text);
    if (isChannelKind(text)) kinds.add(text);
    else if (id !== null) ids.push({ id, pointer: `/channels/${i}` });
    else {
      const detail = `is neither the id of a channel nor one of ${CHANNEL_KINDS.join(", ")}`;
      throw fieldRefused(`/channels/${i}`, detail);
    }
  });
  return { kinds: [...kinds], ids };
}

async function requireChannels(
  db: Queryable,
  principal: Principal,
  ids: readonly { id: string; pointer: string }[],
): Promise<void> {
  const there = await existingChannels(
    db,
    ownerOf(principal),
    ids.map(({ id }) => id),
  );
  const missing = ids.find(({ id }) => !there.has(id));
  if (missing) {
    throw fieldRefused(missing.pointer, `there is no channel ${publicId("ch", missing.id)}`);
  }
}

/** The fields that have a value. */
function present<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]?: Exclude<T[K], undefined> }; // the same fields, fewer
}
