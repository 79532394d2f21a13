import { isUtf8 } from "node:buffer";

/**
 * Bytes from outside as text that PostgreSQL takes: valid UTF-8 of at most `maxBytes`, without
 * NULs. A character that does not fit whole is left out; what is not UTF-8 becomes U+FFFD.
 */
export function storableText(bytes: Buffer, maxBytes: number): string {
  const whole = bytes.subarray(0, endOfLastCharacter(bytes, maxBytes));
  const text = whole.toString("utf8").replaceAll("\0", "");
  // A replacement is longer than the byte that it stands for.
  if (isUtf8(whole) || Buffer.byteLength(text) <= maxBytes) return text;
  const again = Buffer.from(text);
  return again.toString("utf8", 0, endOfLastCharacter(again, maxBytes));
}

/** Where to cut so that the character which crosses the limit, if one does, is left out. */
function endOfLastCharacter(bytes: Buffer, maxBytes: number): number {
  let end = Math.min(bytes.length, maxBytes);
  if (end === bytes.length) return end;
  for (let back = 0; back < 4 && end > 0 && isContinuation(bytes[end]); back++) end--;
  return end;
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}
