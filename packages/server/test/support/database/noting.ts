import type { PoolClient } from "pg";
import type { Connections } from "../../../src/storage/connections/connections.ts";

/** Connections whose accepts note the names of their statements. */
export function noting(connections: Connections, names: string[]): Connections {
  return {
    ...connections,
    lane(name, size) {
      const pool = connections.lane(name, size);
      if (name !== "accept") return pool;
      const connect = pool.connect.bind(pool);
      return Object.assign(pool, {
        async connect() {
          const client = await connect();
          const query = client.query.bind(client) as (...args: unknown[]) => unknown; // any form of it
          return new Proxy(client, {
            get(target: PoolClient, key) {
              const value = Reflect.get(target, key);
              if (key !== "query") return typeof value === "function" ? value.bind(target) : value;
              return (...args: [{ name?: string } | string]) => {
                if (typeof args[0] !== "string" && args[0].name) names.push(args[0].name);
                return query(...args);
              };
            },
          });
        },
      });
    },
  };
}
