import { Kysely, PostgresDialect } from "kysely";
import { type Connections, REQUEST_WAIT_MS } from "../connections/connections.ts";

/** What better-auth reads and writes its tables through: it expects instants as `Date`s. */
export function openSignInDatabase(connections: Pick<Connections, "lane">) {
  const pool = connections.lane("sign-in", 2, {
    plainTypes: true,
    waitMs: REQUEST_WAIT_MS,
  });
  return {
    db: new Kysely<object>({ dialect: new PostgresDialect({ pool }) }),
    type: "postgres",
  } as const;
}

export type SignInDatabase = ReturnType<typeof openSignInDatabase>;
