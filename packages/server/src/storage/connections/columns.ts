/**
 * Columns of values as PostgreSQL's binary arrays. `pg` sends a Buffer as it stands, so that one
 * parameter carries a whole column and nothing is written and read again as text.
 */

const OID = { bool: 16, int8: 20, int4: 23, text: 25, float8: 701, uuid: 2950 } as const;
const HEADER_BYTES = 20;

export function uuids(values: readonly (string | null)[]): Buffer {
  const out = header(OID.uuid, values.length, values.length * 20);
  let at = HEADER_BYTES;
  let [before, beforeAt]: [string | null, number] = [null, 0];
  for (const value of values) {
    at = out.writeInt32BE(value === null ? -1 : 16, at);
    if (value === null) continue;
    if (value === before) {
      // Whose a thing is says the same many times over.
      out.copyWithin(at, beforeAt, beforeAt + 16);
      at += 16;
      continue;
    }
    before = value;
    beforeAt = at;
    for (const digit of FIRST_DIGITS) {
      out[at++] = (hexDigit(value.charCodeAt(digit)) << 4) | hexDigit(value.charCodeAt(digit + 1));
    }
  }
  return finished(out, at, values);
}

export function ints(values: readonly (number | null)[]): Buffer {
  const out = header(OID.int4, values.length, values.length * 8);
  let at = HEADER_BYTES;
  for (const value of values) {
    at = out.writeInt32BE(value === null ? -1 : 4, at);
    if (value !== null) at = out.writeInt32BE(value, at);
  }
  return finished(out, at, values);
}

/** For int8 columns: `$1::float8[]` is cast there, which is exact up to 2^53. */
export function floats(values: readonly (number | null)[]): Buffer {
  const out = header(OID.float8, values.length, values.length * 12);
  let at = HEADER_BYTES;
  for (const value of values) {
    at = out.writeInt32BE(value === null ? -1 : 8, at);
    if (value !== null) at = out.writeDoubleBE(value, at);
  }
  return finished(out, at, values);
}

export function bools(values: readonly boolean[]): Buffer {
  const out = header(OID.bool, values.length, values.length * 5);
  let at = HEADER_BYTES;
  for (const value of values) {
    at = out.writeInt32BE(1, at);
    at = out.writeUInt8(value ? 1 : 0, at);
  }
  return finished(out, at, values);
}

/** Texts must hold no NUL: PostgreSQL refuses it. */
export function texts(values: readonly (string | null)[]): Buffer {
  let bytes = 0;
  for (const value of values) bytes += 4 + (value === null ? 0 : Buffer.byteLength(value));
  const out = header(OID.text, values.length, bytes);
  let at = HEADER_BYTES;
  for (const value of values) {
    if (value === null) at = out.writeInt32BE(-1, at);
    else {
      const length = out.write(value, at + 4);
      out.writeInt32BE(length, at);
      at += 4 + length;
    }
  }
  return finished(out, at, values);
}

/**
 * A column that is often empty: null where it holds nothing but nulls. Only for an `unnest` of several
 * columns, which fills up with nulls what ends before the others.
 */
export function sparse<Row, Value>(
  column: (values: readonly (Value | null)[]) => Buffer,
  rows: readonly Row[],
  of: (row: Row) => Value | null,
): Buffer | null {
  const values = rows.map(of);
  return values.every((value) => value === null) ? null : column(values);
}

function header(oid: number, length: number, bytes: number): Buffer {
  const out = Buffer.allocUnsafe(HEADER_BYTES + bytes);
  out.writeInt32BE(1, 0);
  out.writeInt32BE(0, 4);
  out.writeInt32BE(oid, 8);
  out.writeInt32BE(length, 12);
  out.writeInt32BE(1, 16);
  return out;
}

function finished(out: Buffer, end: number, values: readonly unknown[]): Buffer {
  if (values.includes(null)) out.writeInt32BE(1, 4);
  return out.subarray(0, end);
}

/** Where in a uuid's text the two digits of each byte begin. */
const FIRST_DIGITS = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34] as const;

/** The value of a hex digit, of either case, by its character code. */
function hexDigit(code: number): number {
  return code < 0x3a ? code - 0x30 : (code | 0x20) - 0x57;
}
