import type { Pool, PoolClient } from "pg";
import type { Connections } from "../../../src/storage/connections/connections.ts";
import type { ManualClock } from "../manual-clock.ts";

/** What is done instead of running something; it may run it. */
export type Meddle = (run: () => Promise<unknown>) => Promise<unknown>;

export interface Meddler {
  /** What goes through these can be meddled with. */
  connections: Connections;
  /**
   * From now on, once: `what` is a lane and a statement's name, or where it has none its text
   * ("settle commit"). On the general pool "transaction" is the next one as a whole, "transaction
   * settle_retries" a statement of one, "query" the next statement outside any, and "query insert_job"
   * that of this name.
   */
  once(what: string, meddle: Meddle): void;
}

/** Lets a test spoil, stop or only watch what is asked of a database. */
export function openMeddler(connections: Connections): Meddler {
  const meddles = new Map<string, Meddle>();
  function pass<T>(what: string, run: () => Promise<T>): Promise<T> {
    const meddle = meddles.get(what);
    meddles.delete(what);
    // A meddle answers what it was given, or throws.
    return meddle ? (meddle(run) as Promise<T>) : run();
  }
  const within = (place: string) => (run: () => Promise<unknown>, statement: unknown) =>
    pass(`${place} ${nameOf(statement)}`, run);
  return {
    connections: {
      ...connections,
      pool: meddled(connections.pool, {
        query: (run, statement) => within("query")(() => pass("query", run), statement),
      }),
      transaction: (work) =>
        pass("transaction", () =>
          connections.transaction((tx) => work(meddled(tx, { query: within("transaction") }))),
        ),
      lane(name, size, options) {
        const query = within(name);
        const pool: Pool = connections.lane(name, size, options);
        return meddled(pool, {
          query,
          connect: async (run) => meddled((await run()) as PoolClient, { query }),
        });
      },
    },
    once: (what, meddle) => void meddles.set(what, meddle),
  };
}

type Replaced = Record<string, (run: () => Promise<unknown>, first: unknown) => Promise<unknown>>;

function meddled<T extends object>(of: T, replaced: Replaced): T {
  return new Proxy(of, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key);
      if (typeof value !== "function") return value;
      const replace = replaced[String(key)];
      const call = value.bind(target) as (...args: unknown[]) => Promise<unknown>;
      return replace ? (...args: unknown[]) => replace(() => call(...args), args[0]) : call;
    },
  });
}

function nameOf(statement: unknown): string {
  if (typeof statement === "string") return statement;
  const { name, text } = statement as { name?: string; text: string };
  return name ?? text.trim();
}

/** The answer is lost on its way: what was asked has been done. */
export const unanswered: Meddle = async (run) => {
  await run();
  throw connectionLost();
};

/** What was asked has been done, and the answer to it comes much later. */
export const answeredLate =
  (clock: ManualClock): Meddle =>
  async (run) => {
    const answer = await run();
    clock.setNow(clock.now() + 60_000);
    return answer;
  };

/** What was asked never arrived. */
export const unheard: Meddle = () => Promise.reject(connectionLost());

function connectionLost(): Error {
  return Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" });
}
