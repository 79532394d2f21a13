import type { MediaKind, OutgoingMedia, Unfit } from "./outgoing.ts";

const KILOBYTE = 1024;
const MEGABYTE = 1024 * KILOBYTE;

/** What a channel takes as one type of content. */
export interface FileRule {
  readonly type: MediaKind;
  /** `image/png`, `video/*` for all of a family, or `*` for anything. */
  readonly mimes: readonly string[];
  readonly maxBytes: number;
  /** Characters of the words beside it; null where it goes without. */
  readonly maxCaption: number | null;
}

/** Whether a rule names this type. */
function isAmongTypes(mimes: readonly string[], mime: string): boolean {
  return mimes.some((each) => each === "*" || each === mime || each === familyOf(mime));
}

function familyOf(mime: string): string {
  return `${mime.split("/", 1)[0]}/*`;
}

/** Why a channel (`name`) would never take a file that is here; null where it may, or the file is not here. */
export function unfitFile(
  name: string,
  rules: readonly FileRule[],
  { kind, file }: OutgoingMedia,
): Unfit | null {
  if (!file) return null;
  const rule = rules.find(({ type }) => type === kind);
  if (!rule) return null; // the channel refuses the type itself, in its own words
  const { mimes, maxBytes } = rule;
  if (!isAmongTypes(mimes, file.mime)) {
    const detail = `is ${file.mime}; as ${kind} ${name} takes ${mimes.join(", ")}`;
    return { pointer: "/media/id", code: "file_unfit", detail };
  }
  if (file.bytes <= maxBytes) return null;
  const detail = `has ${file.bytes} bytes; as ${kind} ${name} takes ${maxBytes}`;
  return { pointer: "/media/id", code: "file_unfit", detail };
}

export const kilobytes = (count: number) => count * KILOBYTE;
export const megabytes = (count: number) => count * MEGABYTE;
