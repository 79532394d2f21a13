import type { Queryable } from "../../core/events/recording.ts";

/** A table as a backup holds it: a partitioned one is one table. */
export interface BackedUpTable {
  name: string;
  /** Those that hold something: generated ones are left out. */
  columns: string[];
  /** Its partitions' days, as their names end; null where it has none. */
  days: string[] | null;
}

/** What migrations write for themselves, and what marks an unfinished restore. */
const NOT_DATA = ["migration", "migration_lock", "restore_unfinished"];

/** Every table with what it holds, so that whatever a table refers to comes before it. */
export async function listTables(db: Queryable): Promise<BackedUpTable[]> {
  const { rows } = await db.query<BackedUpTable & { refersTo: string[] }>({
    text: `select c.relname as name,
        array(select a.attname::text from pg_attribute a
          where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
          order by a.attnum) as columns,
        case when c.relkind = 'p' then array(select right(p.relname, 8) from pg_inherits i
          join pg_class p on p.oid = i.inhrelid
          where i.inhparent = c.oid and p.relname ~ '_[0-9]{8}$' order by 1) end as days,
        array(select f.relname::text from pg_constraint k join pg_class f on f.oid = k.confrelid
          where k.conrelid = c.oid and k.contype = 'f' and k.confrelid <> c.oid) as "refersTo"
      from pg_class c
      where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p')
        and not c.relispartition and c.relname <> all($1) and c.relname !~ '_[0-9]{8}$'
        and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass
          and d.objid = c.oid and d.deptype = 'e')
      order by c.relname`,
    values: [NOT_DATA],
  });
  return inOrder(rows).map(({ refersTo: _, ...table }) => table);
}

/** Who is referred to comes first. */
function inOrder<T extends { name: string; refersTo: string[] }>(tables: readonly T[]): T[] {
  const ordered: T[] = [];
  const placed = new Set<string>();
  let left = [...tables];
  while (left.length > 0) {
    const free = left.filter(({ refersTo }) => refersTo.every((name) => placed.has(name)));
    if (free.length === 0) {
      throw new Error(`tables refer to each other: ${left.map(({ name }) => name).join(", ")}`);
    }
    for (const table of free) placed.add(table.name);
    ordered.push(...free);
    left = left.filter(({ name }) => !placed.has(name));
  }
  return ordered;
}

/** Each sequence's last number; null where none was given yet. */
export async function readSequences(db: Queryable): Promise<Record<string, string | null>> {
  const { rows } = await db.query<{ name: string; last: string | null }>(
    `select sequencename as name, last_value::text as last from pg_sequences
     where schemaname = current_schema() order by 1`,
  );
  return Object.fromEntries(rows.map(({ name, last }) => [name, last]));
}

/** The migrations that a database has, in order; none where Curlew never was. */
export async function readSchema(db: Queryable): Promise<string[]> {
  const { rows: found } = await db.query<{ there: boolean }>(
    "select to_regclass('migration') is not null as there",
  );
  if (!found[0]?.there) return [];
  const { rows } = await db.query<{ name: string }>("select name from migration order by name");
  return rows.map(({ name }) => name);
}

export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
