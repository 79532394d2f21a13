import { bytes } from "../../../words/format.ts";
import { inboxWords } from "../../../words/index.ts";
import { type FileLimit, type Fit, picked } from "./fits.ts";

const words = inboxWords.files;
const LIST = new Intl.ListFormat("en", { type: "conjunction" });

/** `WhatsApp takes pictures (JPEG, PNG) up to 5 MB and …`. */
export function limitsInWords(channel: string, limits: readonly FileLimit[]): string {
  const kinds = picked(limits).map(({ type, mimes, max_bytes: most }) => {
    const formats = [...new Set(mimes.map(formatOf))].filter((each) => each !== "");
    return words.limit(words.kinds[type] ?? type, formats.join(", "), plain(most));
  });
  return words.takes(channel, LIST.format(kinds));
}

/** Why a file cannot go by a channel. */
export function whyUnfit(
  channel: string,
  { fit, mime }: { fit: Exclude<Fit, { kind: "fits" }>; mime: string },
  size: number,
): string {
  if (fit.kind === "type") return words.unfitType(channel, formatOf(mime));
  const { type, max_bytes: most } = fit.limit;
  return words.unfitSize(channel, bytes(size), words.kinds[type] ?? type, plain(most));
}

/** What people call a type; what has no name for them is called as it is. A whole family has none. */
function formatOf(mime: string): string {
  if (mime === "*" || mime.endsWith("/*")) return "";
  return words.formats[mime] ?? mime;
}

/** A limit: rather a little less than what it is. */
function plain(count: number): string {
  return bytes(count).replace(/\.\d /, " ");
}
