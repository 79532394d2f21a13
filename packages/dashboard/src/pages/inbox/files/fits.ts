import type { Shape } from "../../../api/client.ts";

export type FileLimit = Shape<"FileLimit">;

/** As what a file goes, or why it does not. */
export type Fit =
  | { kind: "fits"; limit: FileLimit }
  /** The channel takes no file of this type. */
  | { kind: "type" }
  | { kind: "size"; limit: FileLimit };

/** What a person sends as such: voice messages and stickers are made, not picked. */
const PICKED: readonly FileLimit["type"][] = ["image", "video", "audio", "document"];

export function picked(limits: readonly FileLimit[]): FileLimit[] {
  return limits.filter(({ type }) => PICKED.includes(type));
}

/**
 * As what a channel takes a file: as the first type that it fits, so that a picture which is too large for
 * one may go as a document. A browser that does not know what a file is says nothing (`mime` is empty).
 */
export function fitOf(
  limits: readonly FileLimit[],
  { mime, bytes }: { mime: string; bytes: number },
): Fit {
  const possible = picked(limits).filter(({ mimes }) => mime === "" || isAmong(mimes, mime));
  const limit = possible.find(({ max_bytes: most }) => bytes <= most);
  if (limit) return { kind: "fits", limit };
  const [largest] = possible.toSorted((a, b) => b.max_bytes - a.max_bytes);
  return largest ? { kind: "size", limit: largest } : { kind: "type" };
}

function isAmong(mimes: readonly string[], mime: string): boolean {
  return mimes.some((each) => each === "*" || each === mime || each === familyOf(mime));
}

function familyOf(mime: string): string {
  return `${mime.split("/", 1)[0]}/*`;
}

/** For the browser's own window of files: what can be sent is offered first. */
export function acceptOf(limits: readonly FileLimit[]): string | undefined {
  const mimes = picked(limits).flatMap((each) => each.mimes);
  return mimes.length === 0 || mimes.includes("*") ? undefined : [...new Set(mimes)].join(",");
}
