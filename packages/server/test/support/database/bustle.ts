import type { Pool, PoolClient } from "pg";
import { systemClock } from "../../../src/runtime/clock.ts";
import type { Connections } from "../../../src/storage/connections/connections.ts";

/** What has been answered may bring about more, some turns of the event loop later. */
const CALM_TURNS = 12;
const LOOK_EVERY_MS = 1;
const LOOKS_BEFORE_ASKING = 10;
/** What has not come to rest by then does not: a test keeps it going, or waits for time to move. */
const MOST_LOOKS = 2_000;

type Call = (...args: unknown[]) => unknown;

/** What goes on between a test's processes and their database. */
export interface Bustle {
  /** What goes through these is seen. */
  connections: Connections;
  /** Resolves when nothing is under way but what waits for somebody who does nothing meanwhile. */
  rest(): Promise<void>;
}

/** `countLocked` answers how many clients of the database wait for a lock. */
export function seeBustle(connections: Connections, countLocked: () => Promise<number>): Bustle {
  const clock = systemClock();
  const pools: Pool[] = [];
  const busy = new Set<PoolClient>();
  let connecting = 0;

  function watch(pool: Pool): Pool {
    pools.push(pool);
    pool.on("connect", (client: PoolClient) => {
      const query = client.query.bind(client) as Call; // any form of it
      let open = 0;
      const count = (change: 1 | -1) => {
        open += change;
        if (open > 0) busy.add(client);
        else busy.delete(client);
      };
      Object.assign(client, { query: counted(query, count) });
    });
    const connect = pool.connect.bind(pool) as Call; // both forms of it
    const count = (change: 1 | -1) => {
      connecting += change;
    };
    return Object.assign(pool, { connect: counted(connect, count) });
  }

  /** Whoever waits for a client that others have is not at it. */
  const isConnecting = () => connecting > pools.reduce((sum, pool) => sum + pool.waitingCount, 0);

  async function isCalm(): Promise<boolean> {
    for (let turn = 0; turn < CALM_TURNS; turn++) {
      if (busy.size > 0 || isConnecting()) return false;
      await new Promise((resolve) => setImmediate(resolve));
    }
    return true;
  }

  return {
    connections: {
      ...connections,
      pool: watch(connections.pool),
      lane: (name, size, options) => watch(connections.lane(name, size, options)),
    },
    async rest() {
      for (let looks = 1; looks <= MOST_LOOKS && !(await isCalm()); looks++) {
        await clock.sleep(LOOK_EVERY_MS);
        if (looks % LOOKS_BEFORE_ASKING > 0 || isConnecting()) continue;
        const locked = await countLocked();
        if (busy.size > 0 && locked >= busy.size) return;
      }
    },
  };
}

/** A call that counts until it is answered. */
function counted(call: Call, count: (change: 1 | -1) => void): Call {
  return (...args) => {
    count(1);
    const end = () => count(-1);
    const callback = args.at(-1);
    if (typeof callback === "function") {
      args[args.length - 1] = (...answer: unknown[]) => {
        end();
        callback(...answer);
      };
      return call(...args);
    }
    const answer = call(...args);
    if (answer instanceof Promise) answer.then(end, end);
    else end();
    return answer;
  };
}
