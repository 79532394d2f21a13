import type { PoolClient } from "pg";
import { to as copyTo } from "pg-copy-streams";
import type { Connections } from "../connections/connections.ts";
import { countByKey } from "../instance/sealed-columns.ts";
import { type BackedUpTable, listTables, quoted, readSchema, readSequences } from "./catalogue.ts";
import { type BackupHeader, type BackupWriter, FORMAT } from "./file-format.ts";

export interface TakenTables {
  header: BackupHeader;
  /** Rows by table. */
  rows: Map<string, number>;
}

/**
 * Writes the header and every table as it is at one instant, while others read and write. Sequences
 * are read last: they may only be further than the rows.
 */
export async function writeTables(
  connections: Connections,
  writer: BackupWriter,
  o: { version: string; now: number },
): Promise<TakenTables> {
  const pool = connections.lane("backup", 1, { statementTimeoutMs: 0 });
  const client = await pool.connect();
  try {
    const tables = await beginSnapshot(client);
    const header = await describe(client, o);
    await writer.begin(header);
    const rows = new Map<string, number>();
    for (const table of tables) {
      const { name, columns, days } = table;
      const body = copied(client, table);
      await writer.write(
        { entry: "table", name, columns, ...(days === null ? {} : { days }) },
        body.chunks(),
      );
      rows.set(name, body.rows());
    }
    const sequences = JSON.stringify(await readSequences(client));
    await writer.write({ entry: "sequences" }, [Buffer.from(sequences)]);
    return { header, rows };
  } finally {
    // Its transaction ends with it.
    client.release(true);
    await pool.end();
  }
}

/**
 * Begins a transaction that sees one instant. The locks come before the first look, so that no
 * migration comes between what the tables are and what is in them.
 */
async function beginSnapshot(client: PoolClient): Promise<BackedUpTable[]> {
  await client.query("set idle_in_transaction_session_timeout = 0");
  for (;;) {
    const before = await listTables(client);
    await client.query("begin isolation level repeatable read read only");
    const names = before.map(({ name }) => quoted(name)).join(", ");
    if (names !== "") await client.query(`lock table ${names} in access share mode`);
    const now = await listTables(client);
    const isSame = (a: BackedUpTable[]) => JSON.stringify(a.map(({ days: _, ...rest }) => rest));
    if (isSame(before) === isSame(now)) return now;
    await client.query("rollback");
  }
}

async function describe(
  client: PoolClient,
  o: { version: string; now: number },
): Promise<BackupHeader> {
  const { rows } = await client.query<{ version: string }>(
    "select current_setting('server_version') as version",
  );
  return {
    format: FORMAT,
    version: o.version,
    postgres: rows[0]?.version ?? "",
    takenAt: new Date(o.now).toISOString(),
    schema: await readSchema(client),
    keyIds: [...(await countByKey(client)).keys()].sort(),
  };
}

/** A table's rows as COPY writes them, a line each. */
function copied(client: PoolClient, { name, columns }: BackedUpTable) {
  const list = columns.map(quoted).join(", ");
  const stream = client.query(copyTo(`copy (select ${list} from ${quoted(name)}) to stdout`));
  return {
    chunks: () => stream as AsyncIterable<Buffer>, // no encoding is set
    rows: () => stream.rowCount,
  };
}
