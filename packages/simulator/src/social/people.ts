import { fieldsOf } from "../control/input.ts";

/** Somebody as one account knows them: the same person has another id at every account. */
export interface SocialPerson {
  id: string;
  first_name: string;
  last_name: string;
  username: string | null;
  /** False where Meta tells nothing of them: they have not agreed, or are gone. */
  has_profile: boolean;
  /** False for who has blocked the business or left: 551. */
  is_reachable: boolean;
}

export interface SocialPersonInput {
  id: string;
  first_name?: string;
  last_name?: string;
  username?: string;
  has_profile?: boolean;
  is_reachable?: boolean;
}

/** Whoever writes for the first time exists from then on. */
export function createSocialPeople() {
  const people = new Map<string, SocialPerson>();
  /** When each last wrote to which account; that is what makes somebody known there. */
  const lastHeard = new Map<string, number>();
  const key = (accountId: string, id: string) => `${accountId} ${id}`;

  function person(id: string): SocialPerson {
    const known = people.get(id) ?? {
      id,
      first_name: "Test",
      last_name: "User",
      username: `user.${id.slice(-4)}`,
      has_profile: true,
      is_reachable: true,
    };
    people.set(id, known);
    return known;
  }

  return {
    person,
    find: (id: string) => people.get(id),
    put(input: unknown): SocialPerson {
      const fields = fieldsOf(input, "social people");
      const known = person(fields.requiredText("id"));
      const given = {
        first_name: fields.text("first_name"),
        last_name: fields.text("last_name"),
        username: fields.text("username"),
        has_profile: fields.flag("has_profile"),
        is_reachable: fields.flag("is_reachable"),
      };
      fields.done();
      const named = Object.entries(given).filter(([, value]) => value !== undefined);
      return Object.assign(known, Object.fromEntries(named));
    },
    heard(accountId: string, id: string, at: number): void {
      person(id);
      lastHeard.set(key(accountId, id), Math.max(lastHeard.get(key(accountId, id)) ?? 0, at));
    },
    /** Known at the account without having opened a window: by a private reply. */
    meet(accountId: string, id: string): void {
      person(id);
      if (!lastHeard.has(key(accountId, id))) lastHeard.set(key(accountId, id), 0);
    },
    forgetWindow: (accountId: string, id: string) => lastHeard.set(key(accountId, id), 0),
    lastHeard: (accountId: string, id: string) => lastHeard.get(key(accountId, id)) ?? null,
    clear() {
      people.clear();
      lastHeard.clear();
    },
  };
}
