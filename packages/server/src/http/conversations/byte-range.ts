import type { ByteRange } from "../../core/outside/file-store.ts";

/**
 * The part of a file of `length` bytes that a `Range` header asks for. Null for the whole file: no header,
 * several parts, or one that cannot be read (RFC 9110, 14.2). `none` where the file has no such part.
 */
export function readRange(header: string | undefined, length: number): ByteRange | "none" | null {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header?.trim() ?? "");
  const [, first = "", last = ""] = match ?? [];
  if (match === null || (first === "" && last === "")) return null;
  if (first === "") {
    const count = Math.min(Number(last), length);
    return count === 0 ? "none" : { start: length - count, end: length - 1 };
  }
  const start = Number(first);
  if (last !== "" && Number(last) < start) return null;
  if (start >= length) return "none";
  return { start, end: last === "" ? length - 1 : Math.min(Number(last), length - 1) };
}
