import type { Wish } from "../wish.ts";
import type { FileLimit } from "./fits.ts";

/** A file that is at the server. */
export interface Ready {
  id: string;
  name: string;
  bytes: number;
  limit: Pick<FileLimit, "type" | "max_caption">;
}

/** One message of several that are sent together. */
export interface Piece {
  wish: Wish;
  /** What it says, in one line. */
  text: string;
  file: { name: string; bytes: number } | null;
}

/** Where words go that are written beside files. */
export type WordsGo = "alone" | "caption" | "too_long" | "no_captions";

export function wordsGo(files: readonly Pick<Ready, "limit">[], text: string): WordsGo {
  const [first] = files;
  if (!first) return "alone";
  const most = first.limit.max_caption;
  if (most === null) return "no_captions";
  return [...text].length <= most ? "caption" : "too_long";
}

/** Messages in the order in which they are sent: each file is one; words that are no caption follow. */
export function piecesOf(files: readonly Ready[], text: string): Piece[] {
  const isCaption = wordsGo(files, text) === "caption";
  const pieces = files.map(({ id, name, bytes, limit: { type } }, n): Piece => {
    const caption = n === 0 && isCaption && text !== "" ? text : null;
    const media = { type, id, ...(caption === null ? {} : { caption }) };
    return { wish: { media }, text: caption ?? "", file: { name, bytes } };
  });
  if (text === "" || (isCaption && files.length > 0)) return pieces;
  return [...pieces, { wish: { text }, text, file: null }];
}
