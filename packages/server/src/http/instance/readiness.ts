import type { Queryable } from "../../core/events/recording.ts";
import type { Clock } from "../../core/outside/clock.ts";
import type { Readiness } from "./health.ts";

const WITHIN_MS = 2_000;

/** Whether requests can be served now: the database answers and hears the engine. */
export async function readinessOf(o: {
  db: Queryable;
  engine: { readonly isReady: boolean };
  isStopping: boolean;
  clock: Clock;
}): Promise<Readiness> {
  const gaveUp = new AbortController();
  const answers = await Promise.race([
    o.db.query("select 1").then(
      () => true,
      () => false,
    ),
    o.clock.sleep(WITHIN_MS, gaveUp.signal).then(() => false),
  ]);
  gaveUp.abort();
  const engine = o.engine.isReady ? "running" : "not heard by the database";
  return {
    ready: answers && !o.isStopping && o.engine.isReady,
    checks: {
      database: answers ? "answers" : "does not answer",
      engine: o.isStopping ? "stopping" : engine,
    },
  };
}
