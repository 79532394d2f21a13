const KILO = 1000;
const UNITS = ["bytes", "kB", "MB", "GB", "TB"] as const;

/** `1 row`, `12,345 rows`. */
export function amount(count: number, noun: string): string {
  const plural = noun.endsWith("y") ? `${noun.slice(0, -1)}ies` : `${noun}s`;
  return `${count.toLocaleString("en-GB")} ${count === 1 ? noun : plural}`;
}

/** `4.7 MB`. */
export function bytes(count: number): string {
  let value = count;
  let unit = 0;
  while (value >= KILO && unit < UNITS.length - 1) {
    value /= KILO;
    unit++;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${UNITS[unit] ?? ""}`;
}
