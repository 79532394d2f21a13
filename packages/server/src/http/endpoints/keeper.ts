import { randomBytes } from "node:crypto";
import {
  type EndpointAction,
  firstState,
  stateAfter,
} from "../../core/endpoints/endpoint-rules.ts";
import { CurlewError } from "../../core/errors.ts";
import type { Principal } from "../../core/workspaces/principal.ts";
import type { Notices } from "../../delivery/endpoints/notices.ts";
import type { VerificationOutcome } from "../../delivery/endpoints/verification.ts";
import type { Vault } from "../../runtime/secrets/vault.ts";
import type { Tx } from "../../storage/connections/connections.ts";
import { forgetFailures } from "../../storage/endpoints/endpoint-health.ts";
import { insertEndpointSecret } from "../../storage/endpoints/endpoint-secrets.ts";
import {
  deleteEndpoint,
  type Endpoint,
  type EndpointDraft,
  insertEndpoint,
  insertEndpointVersion,
  secretPlace,
  updateEndpoint,
} from "../../storage/endpoints/endpoints.ts";
import { fieldRefused } from "../api.ts";
import type { Warning } from "../events/type-warnings.ts";
import { ownerOf, type ResourceDeps } from "../resource.ts";
import { requireEndpointPlan } from "../workspaces/plan-limits.ts";
import type { EndpointChange } from "./endpoint-body.ts";
import {
  columnsOf,
  requireEventSelectors,
  requireOptions,
  requireReachable,
  type UrlVerdict,
} from "./endpoint-change.ts";
import type { EndpointViews, Kept, OfferedDialect } from "./endpoint-view.ts";
import { requireEndpoint } from "./probes.ts";
import type { EndpointVerifier } from "./verifier.ts";

const SECRET_BYTES = 32;

export interface EndpointKeeperDeps extends ResourceDeps {
  vault: Vault;
  views: EndpointViews;
  verifier: EndpointVerifier;
  notices: Pick<Notices, "verified" | "disabled" | "soon">;
  /** Whether webhooks may go there; `detail` names the rule and what would allow it. */
  checkUrl(url: string): Promise<UrlVerdict>;
}

/** What a client says of a new endpoint, in its canonical form. */
export interface NewEndpoint extends EndpointChange {
  name: string;
  url: string;
  dialect: string;
  secret?: string | null | undefined;
  enabled?: boolean | undefined;
}

/** Makes and changes endpoints by the rules, whichever API it is asked through. */
export class EndpointKeeper {
  readonly #deps: EndpointKeeperDeps;

  constructor(deps: EndpointKeeperDeps) {
    this.#deps = deps;
  }

  get(principal: Principal, id: string): Promise<Endpoint> {
    return requireEndpoint(this.#deps.db, principal, id);
  }

  /**
   * The endpoint, verified where its dialect asks for it, its secret, for the last time, and what is to be
   * said of its URLs.
   */
  async create(
    principal: Principal,
    { dialect: dialectName, secret: given, enabled, ...body }: NewEndpoint,
  ): Promise<Kept & { secret: string | null }> {
    const { clock, newId, vault, verifier } = this.#deps;
    const dialect = this.#deps.views.requireDialect(dialectName);
    const secret = chooseSecret(dialect, given);
    requireEventSelectors(body.events ?? [], dialect);
    requireOptions(body.dialect_options ?? {}, dialect);
    this.#requireShadow(body);
    const warnings = await this.#requireUrls(body);
    const now = clock.now();
    const id = newId();
    const state = firstState(dialect.initialState, enabled);
    const blank: EndpointDraft = {
      ...UNSET,
      id,
      workspaceId: principal.workspaceId,
      ownerAccountId: principal.accountId,
      name: body.name,
      url: body.url,
      dialect: dialect.name,
      state,
      disabledBy: state === "disabled" ? "user" : null,
      createdAt: now,
      updatedAt: now,
    };
    const inserted = async (tx: Tx, version: number) => {
      const draft = {
        ...blank,
        ...(await columnsOf(tx, { vault, principal, id, body, before: null })),
      };
      await this.#requirePlan(tx, principal, draft, true);
      const endpoint = await insertEndpoint(tx, draft);
      if (secret !== null) {
        const secretId = newId();
        const sealed = vault.seal(secret, secretPlace(secretId));
        await insertEndpointSecret(tx, { id: secretId, endpointId: id, sealed, createdAt: now });
      }
      await insertEndpointVersion(tx, endpoint, { version, now });
      return endpoint;
    };
    const endpoint = await this.#deps.changeConfig(principal.workspaceId, inserted);
    if (!verifier.mustVerify(endpoint)) return { endpoint, secret, warnings };
    // It stands there, pending, whatever becomes of this: it can be verified at any time.
    const wish = enabled === false ? "disabled" : "enabled";
    const verified = await this.#verify(principal, endpoint, wish);
    return { endpoint: verified.endpoint, secret, warnings };
  }

  /** Where it has to be verified, a new URL is asked first, while deliveries still go to the old one. */
  async update(principal: Principal, id: string, body: EndpointChange): Promise<Kept> {
    const { vault, verifier } = this.#deps;
    const found = await this.get(principal, id);
    const dialect = this.#deps.views.requireDialect(found.dialect);
    requireEventSelectors(body.events ?? [], dialect);
    requireOptions(body.dialect_options ?? {}, dialect);
    this.#requireShadow(body);
    const warnings = await this.#requireUrls(body);
    const moves = body.url !== undefined && body.url !== found.url;
    const { url, headers } = body;
    const asked = { ...(url !== undefined && { url }), ...(headers && { headers }) };
    const outcome = moves && verifier.mustVerify(found) ? await verifier.ask(found, asked) : null;
    const endpoint = await this.change(principal, id, async (tx, before) => {
      const after = { ...before, ...(await columnsOf(tx, { vault, principal, id, body, before })) };
      if (body.channels !== undefined || body.events !== undefined) {
        await this.#requirePlan(tx, principal, after, false);
      }
      if (after.url === before.url) return after;
      if (outcome === null) return { ...after, verifiedAt: null };
      if (outcome.verified) await this.#deps.notices.verified(tx, after);
      return { ...after, ...this.#after(before, outcome, null) };
    });
    this.#deps.notices.soon();
    return { endpoint, warnings };
  }

  /** Enabling what was never verified, and has to be, verifies it first. */
  async act(principal: Principal, id: string, action: EndpointAction): Promise<Endpoint> {
    const { verifier } = this.#deps;
    const found = await this.get(principal, id);
    const isUnverified = verifier.mustVerify(found) && found.verifiedAt === null;
    if (action === "enable" && found.state !== "enabled" && isUnverified) {
      const { endpoint, outcome } = await this.#verify(principal, found, "enabled");
      if (outcome.verified) return endpoint;
      throw new CurlewError("verification_failed", outcome.reason ?? "It was not verified.");
    }
    const endpoint = await this.change(principal, id, async (tx, before) => {
      const after = afterAction(before, action);
      if (after.state === "enabled") await this.#requirePlan(tx, principal, after, false);
      if (action === "disable" && before.state !== "disabled") {
        await this.#deps.notices.disabled(tx, after, "user", null);
      }
      return after;
    });
    this.#deps.notices.soon();
    return endpoint;
  }

  async verify(
    principal: Principal,
    id: string,
  ): Promise<{ endpoint: Endpoint; outcome: VerificationOutcome }> {
    return this.#verify(principal, await this.get(principal, id), null);
  }

  async remove(principal: Principal, id: string): Promise<void> {
    const deleted = async (tx: Tx, version: number) => {
      const endpoint = await requireEndpoint(tx, principal, id);
      const now = this.#deps.clock.now();
      await deleteEndpoint(tx, id, now);
      await insertEndpointVersion(tx, endpoint, { version, now, deleted: true });
    };
    await this.#deps.changeConfig(principal.workspaceId, deleted, { everywhere: true });
  }

  /** Reads, changes and keeps an endpoint while nobody else changes it. */
  change(
    principal: Principal,
    id: string,
    make: (tx: Tx, before: Endpoint) => Promise<Endpoint>,
  ): Promise<Endpoint> {
    const changed = async (tx: Tx, version: number) => {
      const before = await requireEndpoint(tx, principal, id);
      const now = this.#deps.clock.now();
      const after = { ...(await make(tx, before)), updatedAt: now };
      await updateEndpoint(tx, after);
      await insertEndpointVersion(tx, after, { version, now });
      if (isGivenAChance(before, after)) await forgetFailures(tx, after.serial, now);
      return after;
    };
    return this.#deps.changeConfig(principal.workspaceId, changed, { everywhere: true });
  }

  /** Asks and keeps the outcome, unless the endpoint has moved to another URL meanwhile. */
  async #verify(principal: Principal, asked: Endpoint, wish: "enabled" | "disabled" | null) {
    const outcome = await this.#deps.verifier.ask(asked);
    const endpoint = await this.change(principal, asked.id, async (tx, before) => {
      if (before.url !== asked.url) {
        throw new CurlewError("conflict", "Its URL was changed meanwhile: verify it again.");
      }
      const after = { ...before, ...this.#after(before, outcome, wish) };
      const isEnabled = after.state === "enabled" && before.state !== "enabled";
      if (isEnabled) await this.#requirePlan(tx, principal, after, false);
      if (outcome.verified) await this.#deps.notices.verified(tx, after);
      return after;
    });
    this.#deps.notices.soon();
    return { endpoint, outcome };
  }

  #after(before: Endpoint, outcome: VerificationOutcome, wish: "enabled" | "disabled" | null) {
    return this.#deps.verifier.after(before, outcome, { now: this.#deps.clock.now(), wish });
  }

  #requireShadow({ shadow_dialect: shadow }: EndpointChange): void {
    if (shadow) this.#deps.views.requireDialect(shadow, "/shadow_dialect");
  }

  /** Every URL that a body names may be reached; what is to be said of them all the same. */
  async #requireUrls({ url, auth }: EndpointChange): Promise<Warning[]> {
    const { checkUrl } = this.#deps;
    const warnings = url === undefined ? [] : requireReachable(await checkUrl(url));
    if (auth?.type !== "oauth2") return warnings;
    return [...warnings, ...requireReachable(await checkUrl(auth.token_url), "/auth/token_url")];
  }

  #requirePlan(tx: Tx, principal: Principal, draft: EndpointDraft, isNew: boolean) {
    const { channelIds, state } = draft;
    const channelKinds = [...draft.channelKinds, ...this.#kindsNamedBy(draft)];
    const wish = { isNew, channelKinds, channelIds, moves: state === "enabled" };
    return requireEndpointPlan(tx, ownerOf(principal), wish, this.#deps.clock.now());
  }

  /** A dialect may name events of one kind of channel alone: ChatGenius' `sms.message_received`. */
  #kindsNamedBy({ dialect, events }: EndpointDraft): string[] {
    const names = this.#deps.views.requireDialect(dialect).events ?? [];
    return names
      .filter(({ name }) => events.includes(name))
      .flatMap(({ channels }) => channels ?? []);
  }
}

/** What an endpoint is when nothing is said. */
const UNSET = {
  description: null,
  dialectOptions: "{}",
  shadowDialect: null,
  holdKey: null,
  events: ["*"],
  channelKinds: [],
  channelIds: [],
  accountIds: [],
  campaignIds: [],
  customFields: [],
  retrySchedule: null,
  timeoutMs: null,
  ordering: "parallel",
  rateLimit: null,
  headers: null,
  headerNames: null,
  filter: null,
  auth: null,
  authShown: null,
  metadata: "{}",
  stateReason: null,
  verifiedAt: null,
} satisfies Partial<EndpointDraft>;

/** The client's own, or one made for it; none where the dialect leaves that to the client. */
function chooseSecret({ secret }: OfferedDialect, given: string | null | undefined): string | null {
  if (given === undefined || given === null) {
    return secret.isMade ? secret.make(randomBytes(SECRET_BYTES)) : null;
  }
  const problem = secret.problem(given);
  if (problem !== null) throw fieldRefused("/secret", problem);
  return given;
}

/** What it has failed at before says nothing any more. */
function isGivenAChance(before: Endpoint, after: Endpoint): boolean {
  return after.state === "enabled" && (before.state !== "enabled" || before.url !== after.url);
}

function afterAction(before: Endpoint, action: EndpointAction): Endpoint {
  const state = stateAfter(action, before.state);
  if (state === null) {
    throw new CurlewError(
      "conflict",
      `An endpoint that is ${before.state} cannot be ${PAST[action]}.`,
    );
  }
  const disabledBy =
    state !== "disabled" ? null : action === "disable" ? "user" : before.disabledBy;
  return { ...before, state, disabledBy, stateReason: null };
}

const PAST: Record<EndpointAction, string> = {
  enable: "enabled",
  disable: "disabled",
  pause: "paused",
  resume: "resumed",
};
