import { accountObject } from "../../core/events/envelope.ts";
import type {
  Acceptor,
  AcceptorSpec,
  EventDraft,
  Queryable,
  Recording,
} from "../../core/events/recording.ts";
import { deliveryId, publicId } from "../../core/ids.ts";
import type { Logger } from "../../core/outside/log.ts";
import {
  keepNotice,
  listUntold,
  type Pile,
  takeNotices,
  takeUntold,
} from "../../storage/endpoints/notices.ts";
import { readAccounts } from "../../storage/events/publishing.ts";

/** How many dead letters a notice names. */
const MOST_NAMED = 20;
/** Of no endpoint's dead letters is spoken more often, by one process. */
const LEAST_BETWEEN_MS = 60_000;
const PAGE = 200;

/** The endpoint that an operational event is about. */
export interface Concerned {
  id: string;
  serial: number;
  workspaceId: string;
  name: string;
}

/** Some of what waits to be told: a page of notices, or the dead letters of one endpoint. */
export type Telling = { of: "notices" } | { of: "dead letters"; endpoint: number };

/** Answers how many notices were told. */
export type Teller = Acceptor<Telling, number>;

export interface NoticesDeps {
  db: Queryable;
  tell: Teller;
  clock: { now(): number };
  logger: Logger;
}

/**
 * Operational events: what happens to one endpoint, told to others that have asked for it by name. Each is
 * kept in the transaction of what it tells, so that no crash loses it, and goes when its event is written.
 * The endpoint itself never gets them, and no operational event is ever about another one.
 */
export class Notices {
  readonly #deps: NoticesDeps;
  readonly #toldAt = new Map<number, number>();
  #telling: Promise<void> = Promise.resolve();

  constructor(deps: NoticesDeps) {
    this.#deps = deps;
  }

  /** An endpoint is disabled: by `user`, after `failures`, or because it said that it is `gone`. */
  disabled(
    tx: Queryable,
    concerned: Concerned,
    by: "user" | "failures" | "gone",
    reason: string | null,
  ): Promise<void> {
    return this.#keep(tx, concerned, "endpoint.disabled", { disabled_by: by, reason });
  }

  /** A signing secret is staged, promoted or retired, or replaced at once. */
  secretRotated(
    tx: Queryable,
    concerned: Concerned,
    {
      step,
      secretId,
      retiringUntil,
    }: {
      step: "staged" | "promoted" | "retired" | "rotated";
      /** The one that is made or promoted. */
      secretId: string | null;
      retiringUntil: number | null;
    },
  ): Promise<void> {
    return this.#keep(tx, concerned, "secret.rotated", {
      step,
      secret_id: secretId === null ? null : publicId("sec", secretId),
      retiring_until: retiringUntil === null ? null : new Date(retiringUntil).toISOString(),
    });
  }

  /** An endpoint has sent the token back that it was asked for. */
  verified(tx: Queryable, concerned: Concerned): Promise<void> {
    return this.#keep(tx, concerned, "endpoint.verified", {});
  }

  /** A person has sent an endpoint a sample. */
  async tested(
    concerned: Concerned,
    {
      type,
      delivered,
      status,
      error,
    }: { type: string; delivered: boolean; status: number | null; error: string | null },
  ): Promise<void> {
    const outcome = { event_type: type, delivered, status, error };
    await this.#keep(this.#deps.db, concerned, "endpoint.tested", outcome);
    this.soon();
  }

  /** What was kept is committed: it need not wait for the next round. */
  soon(): void {
    this.flush().catch((error: unknown) => {
      this.#deps.logger.warn({ err: error }, "notices wait for the next round");
    });
  }

  /** Tells what waits; `all`, at the end, also of dead letters of endpoints that were spoken of just now. */
  flush({ all = false } = {}): Promise<void> {
    // One after the other: whoever asks meanwhile may have just kept something.
    this.#telling = this.#telling.catch(() => {}).then(() => this.#tellAll(all));
    return this.#telling;
  }

  async #tellAll(all: boolean): Promise<void> {
    const { db, tell, clock } = this.#deps;
    while ((await tell.accept({ of: "notices" })) === PAGE);
    const now = clock.now();
    for (const [endpoint, at] of this.#toldAt) {
      if (now - at >= LEAST_BETWEEN_MS) this.#toldAt.delete(endpoint);
    }
    for (const endpoint of await listUntold(db)) {
      if (!all && this.#toldAt.has(endpoint)) continue;
      this.#toldAt.set(endpoint, now);
      await tell.accept({ of: "dead letters", endpoint });
    }
  }

  #keep(tx: Queryable, concerned: Concerned, type: string, more: object): Promise<void> {
    const { workspaceId, serial: endpoint, id, name } = concerned;
    const data = { endpoint_id: publicId("ep", id), endpoint_name: name, ...more };
    return keepNotice(tx, { workspaceId, endpoint, type, data, at: this.#deps.clock.now() });
  }
}

/** Makes events of what waits to be told, in the transaction in which it stops to wait. */
export function noticeSpec(): AcceptorSpec<Telling, number> {
  return {
    name: "notices",
    maxUnits: 20,
    // What another transaction of this process is taking is not waited for.
    laneOf: () => ["notices"],
    run: tellAll,
  };
}

async function tellAll(recording: Recording, units: readonly Telling[]): Promise<number[]> {
  const { tx, now } = recording;
  const told: { draft: EventDraft; accountId: string | null }[] = [];
  const counts = new Map<Telling, number>();
  for (const unit of [...units].sort((a, b) => endpointOf(a) - endpointOf(b))) {
    const before = told.length;
    if (unit.of === "notices") {
      for (const { accountId, data, ...notice } of await takeNotices(tx, PAGE)) {
        const text: object = JSON.parse(data); // written by `keepNotice`
        told.push({ accountId, draft: draftOf({ ...notice, data: text }) });
      }
    } else {
      const pile = await takeUntold(tx, unit.endpoint, MOST_NAMED);
      if (pile)
        told.push({ accountId: pile.accountId, draft: deadLettered(pile, unit.endpoint, now) });
    }
    counts.set(unit, told.length - before);
  }
  await recording.append(await shownWithAccounts(tx, told));
  return units.map((unit) => counts.get(unit) ?? 0);
}

/** Everybody takes rows in this order, so that no two processes wait for each other. */
function endpointOf(unit: Telling): number {
  return unit.of === "notices" ? 0 : unit.endpoint;
}

function deadLettered(pile: Pile, endpoint: number, now: number): EventDraft {
  const { workspaceId, endpointId, endpointName, count, since, until } = pile;
  return draftOf({
    ...{ workspaceId, endpoint, at: now },
    type: "delivery.dead_lettered",
    data: {
      endpoint_id: publicId("ep", endpointId),
      endpoint_name: endpointName,
      count,
      since: new Date(since).toISOString(),
      until: new Date(until).toISOString(),
      last_status: pile.lastStatus,
      last_error: pile.lastError,
      delivery_ids: pile.named.map((eventId) => deliveryId(eventId, endpoint)),
    },
  });
}

function draftOf(o: {
  workspaceId: string;
  endpoint: number;
  type: string;
  data: object;
  at: number;
}): EventDraft {
  return {
    workspaceId: o.workspaceId,
    type: o.type,
    occurredAt: o.at,
    accountId: null,
    channelId: null,
    channelKind: null,
    conversationId: null,
    campaignId: null,
    account: null,
    channel: null,
    conversation: null,
    contact: null,
    data: o.data,
    exceptEndpoint: o.endpoint,
  };
}

/** An event about an account's own endpoint is the account's. */
async function shownWithAccounts(
  tx: Queryable,
  told: readonly { draft: EventDraft; accountId: string | null }[],
): Promise<EventDraft[]> {
  const ids = [...new Set(told.flatMap(({ accountId }) => accountId ?? []))];
  const accounts = ids.length === 0 ? null : await readAccounts(tx, ids);
  return told.map(({ draft, accountId }) => {
    const account = accountId === null ? undefined : accounts?.get(accountId);
    return account ? { ...draft, accountId: account.id, account: accountObject(account) } : draft;
  });
}
