import type { Control } from "../../core/endpoints/answer-control.ts";
import type { Queryable } from "../../core/events/recording.ts";
import type { Logger } from "../../core/outside/log.ts";
import { listFailing } from "../../storage/endpoints/endpoint-health.ts";
import { disableEndpoint } from "../../storage/endpoints/endpoints.ts";
import type { ChangeConfig } from "../../storage/workspaces/config-changes.ts";
import type { Concerned, Notices } from "./notices.ts";

const DAY_MS = 24 * 60 * 60_000;

export interface WardenDeps {
  db: Queryable;
  changeConfig: ChangeConfig;
  notices: Pick<Notices, "disabled" | "soon">;
  clock: { now(): number };
  logger: Logger;
  /** After so many days without one success an endpoint is disabled; 0: never. */
  disableAfterDays: number;
  /** The dialects in which that is done. */
  dialects: readonly string[];
}

type Ward = Pick<Concerned, "id" | "serial" | "workspaceId">;

const ASKED: Record<Exclude<Control, "abort">, string> = {
  gone: "The receiver answered 410 Gone.",
  disable: "The receiver asked for it: webhook-delivery: disable.",
};

/** Takes endpoints out of service: those that ask for it, and those that have failed for days. */
export class Warden {
  readonly #deps: WardenDeps;
  readonly #busy = new Set<number>();

  constructor(deps: WardenDeps) {
    this.#deps = deps;
  }

  /** An answer of the endpoint said that nothing more is to come. */
  asked(endpoint: Ward, control: Exclude<Control, "abort">): Promise<void> {
    return this.disable(endpoint, "gone", ASKED[control]);
  }

  /** Disables the endpoints whose every request has failed for days; returns how many there were. */
  async look(): Promise<number> {
    const { db, disableAfterDays, dialects } = this.#deps;
    if (disableAfterDays === 0) return 0;
    const failing = await listFailing(db, { forMs: disableAfterDays * DAY_MS, dialects });
    for (const endpoint of failing) {
      const since = new Date(endpoint.failingSince).toISOString();
      await this.disable(endpoint, "failures", `Every request has failed since ${since}.`);
    }
    return failing.length;
  }

  /**
   * Disables an endpoint that moves or is paused; it goes on collecting. Whoever does it tells the
   * others. A failure is left to the next answer or look.
   */
  async disable(endpoint: Ward, by: "failures" | "gone", reason: string): Promise<void> {
    if (this.#busy.has(endpoint.serial)) return;
    this.#busy.add(endpoint.serial);
    try {
      const now = this.#deps.clock.now();
      const { changeConfig, notices } = this.#deps;
      const disabled = await changeConfig(endpoint.workspaceId, async (tx, version) => {
        const changed = await disableEndpoint(tx, endpoint.id, { by, reason, version, now });
        if (changed) await notices.disabled(tx, changed, by, reason);
        return changed;
      });
      if (disabled) notices.soon();
    } catch (error) {
      this.#deps.logger.warn(
        { err: error, endpoint: endpoint.id },
        "could not disable an endpoint",
      );
    } finally {
      this.#busy.delete(endpoint.serial);
    }
  }
}
