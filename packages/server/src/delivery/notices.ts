import { isOperational } from "../core/event-types.ts";
import { deliveryId, publicId } from "../core/ids.ts";
import type { Logger } from "../core/log.ts";
import type { Publish } from "./publish.ts";

/** How many dead letters a notice names. */
const MOST_NAMED = 20;
/** No endpoint is spoken of more often, by one process. */
const LEAST_BETWEEN_MS = 60_000;

/** The endpoint that an operational event is about. */
export interface Concerned {
  id: string;
  serial: number;
  workspaceId: string;
  name: string;
  ownerAccountId: string | null;
}

export interface DeadLetter {
  eventId: string;
  type: string;
  at: number;
  status: number | null;
  error: string | null;
}

interface Pile {
  concerned: Concerned;
  count: number;
  since: number;
  named: DeadLetter[];
  last: DeadLetter;
}

export interface NoticesDeps {
  publish: Publish;
  clock: { now(): number };
  logger: Logger;
}

/**
 * Operational events: what happens to one endpoint, told to others that have asked for it by name. The
 * endpoint itself never gets them, and no operational event is ever about another one: two endpoints
 * that are down and hear of each other's dead letters would otherwise never come to rest.
 */
export class Notices {
  readonly #deps: NoticesDeps;
  #piles = new Map<number, Pile>();
  #toldAt = new Map<number, number>();

  constructor(deps: NoticesDeps) {
    this.#deps = deps;
  }

  /** An endpoint was disabled: by `user`, after `failures`, or because it said that it is `gone`. */
  disabled(concerned: Concerned, by: "user" | "failures" | "gone", reason: string | null) {
    return this.#tell(concerned, "endpoint.disabled", {
      ...named(concerned),
      disabled_by: by,
      reason,
    });
  }

  /** A signing secret was staged, promoted or retired, or replaced at once. */
  secretRotated(
    concerned: Concerned,
    {
      step,
      secretId,
      retiringUntil,
    }: {
      step: "staged" | "promoted" | "retired" | "rotated";
      /** The one that was made or promoted. */
      secretId: string | null;
      retiringUntil: number | null;
    },
  ): Promise<void> {
    return this.#tell(concerned, "secret.rotated", {
      ...named(concerned),
      step,
      secret_id: secretId === null ? null : publicId("sec", secretId),
      retiring_until: retiringUntil === null ? null : new Date(retiringUntil).toISOString(),
    });
  }

  /** An endpoint sent the token back that it was asked for. */
  verified(concerned: Concerned): Promise<void> {
    return this.#tell(concerned, "endpoint.verified", named(concerned));
  }

  /** A person has sent an endpoint a sample. */
  tested(
    concerned: Concerned,
    {
      type,
      delivered,
      status,
      error,
    }: { type: string; delivered: boolean; status: number | null; error: string | null },
  ): Promise<void> {
    const outcome = { event_type: type, delivered, status, error };
    return this.#tell(concerned, "endpoint.tested", { ...named(concerned), ...outcome });
  }

  /** A delivery's schedule is spent; those of one endpoint are told of together by `flush`. */
  deadLetter(concerned: Concerned, letter: DeadLetter): void {
    if (isOperational(letter.type)) return;
    const pile = this.#piles.get(concerned.serial);
    if (!pile) {
      const first = { count: 1, since: letter.at, named: [letter], last: letter };
      this.#piles.set(concerned.serial, { concerned, ...first });
      return;
    }
    pile.count++;
    pile.last = letter;
    if (pile.named.length < MOST_NAMED) pile.named.push(letter);
  }

  /** Tells of dead letters; `all`, at the end, also of endpoints that were spoken of just now. */
  async flush({ all = false } = {}): Promise<void> {
    const now = this.#deps.clock.now();
    for (const [serial, at] of this.#toldAt) {
      if (now - at >= LEAST_BETWEEN_MS) this.#toldAt.delete(serial);
    }
    for (const [serial, pile] of this.#piles) {
      if (!all && this.#toldAt.has(serial)) continue;
      this.#piles.delete(serial);
      this.#toldAt.set(serial, now);
      await this.#tell(pile.concerned, "delivery.dead_lettered", {
        ...named(pile.concerned),
        count: pile.count,
        since: new Date(pile.since).toISOString(),
        until: new Date(pile.last.at).toISOString(),
        last_status: pile.last.status,
        last_error: pile.last.error,
        delivery_ids: pile.named.map(({ eventId }) => deliveryId(eventId, serial)),
      });
    }
  }

  async #tell(concerned: Concerned, type: string, data: object): Promise<void> {
    try {
      const answer = await this.#deps.publish({
        workspaceId: concerned.workspaceId,
        confinedTo: null,
        items: [
          {
            ...{ type, data, campaignId: null, channel: null, conversationId: null, key: null },
            accountId: concerned.ownerAccountId,
            exceptEndpoint: concerned.serial,
          },
        ],
      });
      if (answer.kind === "refused") throw new Error(answer.refusal.detail);
    } catch (error) {
      this.#deps.logger.warn(
        { err: error, endpoint: publicId("ep", concerned.id), type },
        "an operational event could not be published",
      );
    }
  }
}

function named({ id, name }: Concerned) {
  return { endpoint_id: publicId("ep", id), endpoint_name: name };
}
