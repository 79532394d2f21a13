import type { MiddlewareHandler } from "hono";
import { CurlewError } from "../core/errors.ts";
import { Numbered } from "../core/numbered.ts";
import type { ExpressRoute } from "./express-lane.ts";
import { outcomeUnknown } from "./problems/database-refusal.ts";

/** Where the database is needed for an answer. */
const NEEDS_DATABASE = /^\/(v1|in|media|catch)\//;
/** A process that was too busy to look is not one whose database is silent. */
const LOOKS = 2;

/**
 * Keeps nobody waiting for a database that has gone silent. One that is away refuses connections and
 * whoever waits is told so; with a cable that was pulled, nothing is told for a long time.
 */
export class Outage {
  readonly #isHeard: () => boolean;
  readonly #underWay = new Numbered<(refusal: CurlewError) => void>();
  #silentLooks = 0;

  /** `isHeard`: whether the database has answered this process in the last seconds. */
  constructor(isHeard: () => boolean) {
    this.#isHeard = isHeard;
  }

  /** Once a second: refuses what is under way when the database has been silent. */
  look(): void {
    this.#silentLooks = this.#isHeard() ? 0 : this.#silentLooks + 1;
    if (!this.#isOn) return;
    for (const [, refuse] of this.#underWay.entries()) refuse(outcomeUnknown());
  }

  /** Settles as `work` does, or with a refusal when the database falls silent before. */
  guard<Answer>(work: () => Promise<Answer>): Promise<Answer> {
    if (this.#isOn && !this.#isHeard()) {
      return Promise.reject(
        new CurlewError("unavailable", "The database does not answer: nothing was done.", {
          retryAfterS: 5,
        }),
      );
    }
    return new Promise((resolve, reject) => {
      const number = this.#underWay.add(reject);
      work().then(
        (answer) => {
          this.#underWay.take(number);
          resolve(answer);
        },
        (error: unknown) => {
          this.#underWay.take(number);
          reject(error);
        },
      );
    });
  }

  get #isOn(): boolean {
    return this.#silentLooks >= LOOKS;
  }
}

/** For everything that the database has a part in. */
export function refuseInOutage(outage: Outage): MiddlewareHandler {
  return (c, next) => (NEEDS_DATABASE.test(c.req.path) ? outage.guard(next) : next());
}

/** The same for what does not come by way of Hono. */
export function guardRoutes(outage: Outage, routes: readonly ExpressRoute[]): ExpressRoute[] {
  return routes.map((route) => ({
    ...route,
    answer: (request) => outage.guard(() => route.answer(request)),
  }));
}
