const INDENT = "  ";

/** JSON for people: what fits into `width` columns stands on one line. */
export function jsonLines(value: unknown, width: number): string[] {
  const short = onOneLine(value);
  if (short.length <= width || typeof value !== "object" || value === null) return [short];
  const isList = Array.isArray(value);
  const members = Object.entries(value).map(([name, member], at, all) => {
    const label = isList ? "" : `${JSON.stringify(name)}: `;
    const comma = at < all.length - 1 ? "," : "";
    const room = width - INDENT.length - label.length - comma.length;
    const [first = "", ...rest] = jsonLines(member, room);
    const lines = [`${label}${first}`, ...rest];
    lines.push(`${lines.pop() ?? ""}${comma}`);
    return lines.map((line) => `${INDENT}${line}`);
  });
  return [isList ? "[" : "{", ...members.flat(), isList ? "]" : "}"];
}

function onOneLine(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(onOneLine).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const members = Object.entries(value).map(
    ([name, member]) => `${JSON.stringify(name)}: ${onOneLine(member)}`,
  );
  return members.length === 0 ? "{}" : `{ ${members.join(", ")} }`;
}
