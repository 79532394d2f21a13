/** A number of so many digits may lie beyond 2^53; where it stands, it is not inside a string's quotes. */
const MAY_HOLD_BIG_NUMBER = /(?:^|[[:,\s-])\d{16}/;
const NUMBER = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
const INTEGER = /^-?\d+$/;

/**
 * Reads JSON as `JSON.parse` does, but integers that a double cannot hold become their digits as a
 * string: ids are opaque, and one that is off by one is somebody else's. Throws a SyntaxError.
 */
export function parseJson(text: string): unknown {
  const value: unknown = JSON.parse(text);
  return MAY_HOLD_BIG_NUMBER.test(text) ? JSON.parse(quoteBigNumbers(text)) : value;
}

/** `text` must be JSON. */
function quoteBigNumbers(text: string): string {
  const parts: string[] = [];
  let at = 0;
  while (at < text.length) {
    const quote = text.indexOf('"', at);
    const end = quote === -1 ? text.length : quote;
    parts.push(
      text.slice(at, end).replace(NUMBER, (token) => (isBig(token) ? `"${token}"` : token)),
    );
    at = quote === -1 ? end : endOfString(text, quote);
    parts.push(text.slice(end, at));
  }
  return parts.join("");
}

function isBig(token: string): boolean {
  return INTEGER.test(token) && !Number.isSafeInteger(Number(token));
}

/** The place after the string that begins with the quote at `start`. */
function endOfString(text: string, start: number): number {
  let at = start + 1;
  for (;;) {
    const quote = text.indexOf('"', at);
    if (quote === -1) return text.length;
    let backslashes = 0;
    while (text[quote - 1 - backslashes] === "\\") backslashes++;
    if (backslashes % 2 === 0) return quote + 1;
    at = quote + 1;
  }
}

/** Writes what `parseJson` has read, however deep it is: `JSON.stringify` runs out of stack there. */
export function writeJson(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return writeDeepJson(value);
  }
}

function writeDeepJson(value: unknown): string {
  const out: string[] = [];
  const open: { end: string; isFirst: boolean; rest: Iterator<[string | number, unknown]> }[] = [];
  const write = (each: unknown) => {
    if (Array.isArray(each)) {
      out.push("[");
      open.push({ end: "]", isFirst: true, rest: each.entries() });
    } else if (typeof each === "object" && each !== null) {
      out.push("{");
      open.push({ end: "}", isFirst: true, rest: Object.entries(each).values() });
    } else {
      out.push(JSON.stringify(each));
    }
  };
  write(value);
  for (let top = open.at(-1); top; top = open.at(-1)) {
    const next = top.rest.next();
    if (next.done) {
      out.push(top.end);
      open.pop();
      continue;
    }
    if (!top.isFirst) out.push(",");
    top.isFirst = false;
    const [key, each] = next.value;
    if (top.end === "}") out.push(JSON.stringify(String(key)), ":");
    write(each);
  }
  return out.join("");
}
