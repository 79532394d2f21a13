import type { JsonObject } from "../json.ts";
import type { Grouping } from "../meta/emissions.ts";
import type { SocialAccount } from "./accounts.ts";

/** One update of a Page or an Instagram account, before it is put into an envelope with others. */
export interface SocialItem {
  account: SocialAccount;
  /** Its place in the entry. */
  list: "messaging" | "standby" | "changes";
  content: JsonObject;
}

interface Entry {
  id: string;
  time: number;
  [list: string]: unknown;
}

/** The body of one webhook: items of one object, in their order, per account. */
export function socialBody(
  items: readonly SocialItem[],
  { grouping, now }: { grouping: Grouping; now: number },
): JsonObject {
  const entries: { entry: Entry; account: SocialAccount; list: SocialItem["list"] }[] = [];
  for (const { account, list, content } of items) {
    const open = entries.at(-1);
    const joins =
      grouping === "together" &&
      open?.account === account &&
      open.list === list &&
      !isBare(account, list);
    const listed = joins ? open.entry[list] : undefined;
    if (Array.isArray(listed)) {
      listed.push(content);
      continue;
    }
    // Messages count in milliseconds, changes in seconds.
    const time = list === "changes" ? Math.floor(now / 1000) : now;
    const told = isBare(account, list) ? content : { [list]: [content] };
    entries.push({ entry: { id: account.id, time, ...told }, account, list });
  }
  const [first] = items;
  return {
    object: first?.account.kind === "instagram" ? "instagram" : "page",
    entry: entries.map(({ entry }) => entry),
  };
}

/** With Instagram's own login `field` and `value` stand on the entry itself. */
function isBare({ login }: SocialAccount, list: SocialItem["list"]): boolean {
  return login === "instagram" && list === "changes";
}
