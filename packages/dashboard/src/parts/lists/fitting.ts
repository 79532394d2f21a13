interface Sized {
  width?: number;
  from?: number;
}

/** What the column without a width has at least: it names the row. */
const LEAST_PX = 160;

/**
 * The columns that a table of this width has room for. Those that want a wider one go, the ones that want the widest first,
 * until the one without a width can be read.
 */
export function fitting<Column extends Sized>(columns: readonly Column[], width: number): Column[] {
  const shown = columns.filter(({ from = 0 }) => width === 0 || width >= from);
  const spare = [...shown]
    .filter(({ from }) => from !== undefined)
    .sort((a, b) => (b.from ?? 0) - (a.from ?? 0));
  let taken = shown.reduce((sum, column) => sum + (column.width ?? LEAST_PX), 0);
  const dropped = new Set<Column>();
  for (const column of spare) {
    if (width === 0 || taken <= width) break;
    dropped.add(column);
    taken -= column.width ?? LEAST_PX;
  }
  return shown.filter((column) => !dropped.has(column));
}
