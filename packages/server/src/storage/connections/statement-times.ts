import type { PoolClient } from "pg";
import type { Clock } from "../../core/outside/clock.ts";

type Query = (...args: unknown[]) => unknown;

/**
 * Measures what a client's named statements take. Statements without a name are left alone: their
 * text would make too many series.
 */
export function timeStatements(
  client: PoolClient,
  clock: Pick<Clock, "monotonic">,
  onStatement: (name: string, ms: number) => void,
): void {
  // `pg` takes a config, values and a callback in many combinations; all pass through unchanged.
  const original = client.query.bind(client) as Query;
  const timed: Query = (...args) => {
    const name = nameOf(args[0]);
    if (name === null) return original(...args);
    const startedAt = clock.monotonic();
    const done = () => onStatement(name, clock.monotonic() - startedAt);
    const callback = args.at(-1);
    if (typeof callback === "function") {
      args[args.length - 1] = (...results: unknown[]) => {
        done();
        callback(...results);
      };
      return original(...args);
    }
    const result = original(...args);
    if (result instanceof Promise) result.then(done, done);
    return result;
  };
  Object.assign(client, { query: timed });
}

function nameOf(config: unknown): string | null {
  if (typeof config !== "object" || config === null || !("name" in config)) return null;
  return typeof config.name === "string" ? config.name : null;
}
