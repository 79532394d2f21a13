import { createSocialAccounts, DEFAULT_INSTAGRAM, DEFAULT_PAGE } from "./accounts.ts";
import { createSocialPeople } from "./people.ts";
import { DEFAULT_SOCIAL_SETTINGS, type SocialSettings } from "./settings.ts";

export interface KnownComment {
  id: string;
  account_id: string;
  from: string;
  at: number;
  /** A comment is answered in private once. */
  replied: boolean;
}

export type SocialWorld = ReturnType<typeof createSocialWorld>;

/** Everything that Meta would know of Pages, Instagram accounts and whoever writes to them. */
export function createSocialWorld(now: () => number) {
  const accounts = createSocialAccounts(now);
  const people = createSocialPeople();
  const comments = new Map<string, KnownComment>();
  const attachments = new Map<string, string>();
  let settings = DEFAULT_SOCIAL_SETTINGS;

  function furnish(): void {
    accounts.put(DEFAULT_PAGE);
    accounts.put(DEFAULT_INSTAGRAM);
  }
  furnish();

  return {
    accounts,
    people,
    comments,
    /** Uploaded once, sent by id: the id's type. */
    attachments,
    get settings() {
      return settings;
    },
    set settings(next: SocialSettings) {
      settings = next;
    },
    reset(): void {
      for (const room of [accounts, people, comments, attachments]) room.clear();
      settings = DEFAULT_SOCIAL_SETTINGS;
      furnish();
    },
  };
}
