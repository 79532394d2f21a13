import { ControlError, fieldsOf } from "../control/input.ts";
import type { CallbackOverride } from "../meta/callbacks.ts";

/** A Facebook Page, or an Instagram professional account. */
export interface SocialAccount {
  id: string;
  kind: "page" | "instagram";
  name: string;
  username: string | null;
  /** The Page that an Instagram account belongs to. */
  page_id: string | null;
  /** Instagram's own login: its token is used at graph.instagram.com, comments stand on the entry. */
  login: "facebook" | "instagram";
  /** The one token that is good for it; any, when it is null. */
  access_token: string | null;
  /** When that token was given: Instagram's own login renews it after a day, and not after sixty. */
  token_at: number;
  /** May answer for seven days by the tag HUMAN_AGENT. */
  human_agent: boolean;
  subscribed_fields: string[] | null;
  override: CallbackOverride | null;
}

export interface SocialAccountInput {
  id: string;
  kind?: SocialAccount["kind"];
  name?: string;
  username?: string;
  page_id?: string;
  login?: SocialAccount["login"];
  access_token?: string;
  /** When it was given, ms since the epoch; now, when it is not said. */
  token_at?: number;
  human_agent?: boolean;
  /** Where its webhooks go, taken without a handshake. */
  callback_url?: string;
}

/** What exists when nobody names anything. */
export const DEFAULT_PAGE: SocialAccountInput = {
  id: "117172741761305",
  kind: "page",
  name: "Lucky Shrub",
  username: "luckyshrub",
};
export const DEFAULT_INSTAGRAM: SocialAccountInput = {
  id: "17841405822304914",
  kind: "instagram",
  name: "Lucky Shrub",
  username: "lucky.shrub",
  page_id: "117172741761305",
};

export function createSocialAccounts(now: () => number) {
  const accounts = new Map<string, SocialAccount>();
  const known = () => [...accounts.keys()].join(", ") || "none";
  return {
    find: (id: string) => accounts.get(id),
    all: () => [...accounts.values()],
    /** Those that this token is good for. */
    ofToken: (token: string | undefined) =>
      [...accounts.values()].filter(
        ({ access_token }) => access_token === null || access_token === token,
      ),
    /** The account that a control request means: the one it names, or the first. */
    meant(id: string | undefined): SocialAccount {
      const [first] = accounts.values();
      const account = id === undefined ? first : accounts.get(id);
      if (account) return account;
      throw new ControlError(
        `There is no Page or Instagram account ${id ?? ""}. Known: ${known()}. ` +
          "Add one with POST /_control/social/accounts.",
      );
    },
    put(input: unknown): SocialAccount {
      const fields = fieldsOf(input, "social accounts");
      const id = fields.requiredText("id");
      const before = accounts.get(id);
      const callback = fields.text("callback_url");
      const account: SocialAccount = {
        id,
        kind: fields.choice("kind", ["page", "instagram"]) ?? before?.kind ?? "page",
        name: fields.text("name") ?? before?.name ?? "Simulated Business",
        username: fields.text("username") ?? before?.username ?? null,
        page_id: fields.text("page_id") ?? before?.page_id ?? null,
        login: fields.choice("login", ["facebook", "instagram"]) ?? before?.login ?? "facebook",
        access_token: fields.text("access_token") ?? before?.access_token ?? null,
        token_at: fields.integer("token_at", { min: 0, max: Number.MAX_SAFE_INTEGER }) ?? now(),
        human_agent: fields.flag("human_agent") ?? before?.human_agent ?? true,
        subscribed_fields: before?.subscribed_fields ?? null,
        override: callback === undefined ? (before?.override ?? null) : { url: callback },
      };
      fields.done();
      accounts.set(id, account);
      return account;
    },
    clear: () => accounts.clear(),
  };
}
