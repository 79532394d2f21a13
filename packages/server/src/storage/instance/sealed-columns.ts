import type { Queryable } from "../../core/events/recording.ts";

/** A column whose texts the vault has sealed, and how each row's place is named. */
export interface SealedColumn {
  table: string;
  column: string;
  /** The row's key, and its type: compared as what it is, it is found by its index. */
  key: string;
  type: "uuid" | "boolean";
  /** What the vault was told as the row, in SQL. */
  row: string;
}

/** Everything that is sealed under the master key. A test holds it against the places in the sources. */
export const SEALED_COLUMNS: readonly SealedColumn[] = [
  { table: "channel", column: "credentials", key: "id", type: "uuid", row: "id::text" },
  { table: "endpoint", column: "auth", key: "id", type: "uuid", row: "id::text" },
  { table: "endpoint", column: "headers", key: "id", type: "uuid", row: "id::text" },
  { table: "endpoint_secret", column: "sealed", key: "id", type: "uuid", row: "id::text" },
  {
    table: "instance",
    column: "sign_in_secret",
    key: "only_one",
    type: "boolean",
    row: "'sign_in'",
  },
];

const SEALED = "v1.%";
const PAGE = 200;

/** How many values each master key has sealed, by the key's name; also in an older schema. */
export async function countByKey(db: Queryable): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  const { rows: present } = await db.query<{ name: string }>(
    `select table_name || '.' || column_name as name from information_schema.columns
     where table_schema = current_schema()`,
  );
  const names = new Set(present.map(({ name }) => name));
  for (const { table, column } of SEALED_COLUMNS) {
    if (!names.has(`${table}.${column}`)) continue;
    const { rows } = await db.query<{ keyId: string; n: number }>({
      text: `select split_part(${column}, '.', 2) as "keyId", count(*)::int as n from ${table}
        where ${column} like $1 group by 1`,
      values: [SEALED],
    });
    for (const { keyId, n } of rows) counts.set(keyId, (counts.get(keyId) ?? 0) + n);
  }
  return counts;
}

/** One value that another key has sealed. */
export interface SealedValue {
  key: string;
  row: string;
  sealed: string;
}

/** A page of a column's values that any key but this one has sealed, in the order of their keys. */
export async function listSealedOtherwise(
  db: Queryable,
  { table, column, key, type, row }: SealedColumn,
  o: { keyId: string; after: string | null },
): Promise<SealedValue[]> {
  const { rows } = await db.query<SealedValue>({
    text: `select ${key}::text as key, ${row} as row, ${column} as sealed from ${table}
      where ${column} like $1 and split_part(${column}, '.', 2) <> $2
        and ($3::${type} is null or ${key} > $3::${type})
      order by ${key} limit ${PAGE}`,
    values: [SEALED, o.keyId, o.after],
  });
  return rows;
}

/** Puts a newly sealed value in the place of the one that was read; false when that has changed since. */
export async function replaceSealed(
  db: Queryable,
  { table, column, key, type }: SealedColumn,
  value: SealedValue & { resealed: string },
): Promise<boolean> {
  const { rowCount } = await db.query({
    text: `update ${table} set ${column} = $1 where ${key} = $2::${type} and ${column} = $3`,
    values: [value.resealed, value.key, value.sealed],
  });
  return rowCount === 1;
}
