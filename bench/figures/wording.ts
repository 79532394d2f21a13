/** A line of the report. */
export function row(name: string, text: string, width = 26): string {
  return `    ${name.padEnd(width)}${text}`;
}

export function whole(value: number | null): string {
  return value === null || Number.isNaN(value) ? "?" : String(Math.round(value));
}

export function two(value: number): string {
  return Number.isNaN(value) ? "?" : value.toFixed(2);
}

export function three(value: number): string {
  return Number.isNaN(value) ? "?" : value.toFixed(3);
}
