import { ControlError, type Fields, fieldsOf } from "../control/input.ts";
import { digitsOf } from "../meta/ids.ts";

/** A WhatsApp user. The phone is absent where the user has adopted a username. */
export interface User {
  /** The number as people type it, in digits; may differ from `wa_id` (BR, MX, AR). */
  phone: string | null;
  wa_id: string | null;
  /** The business-scoped user id (BSUID). */
  user_id: string | null;
  parent_user_id: string | null;
  name: string | null;
  username: string | null;
  /** Webhooks name this user by BSUID alone. */
  hides_phone: boolean;
  on_whatsapp: boolean;
  stopped_marketing: boolean;
}

export interface UserInput {
  phone?: string;
  wa_id?: string;
  user_id?: string;
  parent_user_id?: string;
  name?: string;
  username?: string;
  hides_phone?: boolean;
  on_whatsapp?: boolean;
  stopped_marketing?: boolean;
}

export type People = ReturnType<typeof createPeople>;

/** Everybody who has been named so far. Whoever is named for the first time exists from then on. */
export function createPeople() {
  const byAddress = new Map<string, User>();
  const index = (user: User) => {
    for (const address of [user.phone, user.wa_id, user.user_id]) {
      if (address !== null) byAddress.set(address, user);
    }
    return user;
  };
  const create = (known: Partial<User>): User =>
    index({
      phone: null,
      wa_id: null,
      user_id: null,
      parent_user_id: null,
      name: null,
      username: null,
      hides_phone: false,
      on_whatsapp: true,
      stopped_marketing: false,
      ...known,
    });
  const byPhone = (digits: string) =>
    byAddress.get(digits) ?? create({ phone: digits, wa_id: digits });
  const byUserId = (userId: string) => byAddress.get(userId) ?? create({ user_id: userId });

  return {
    byPhone,
    byUserId,
    /** The user with this phone, this BSUID, or both: then they are known as one from now on. */
    find(phone: string | undefined, userId: string | undefined): User {
      if (phone === undefined && userId === undefined) {
        throw new ControlError('Say who it is: "from" (a phone number) or "user_id" (a BSUID).');
      }
      const user = phone === undefined ? byUserId(userId ?? "") : byPhone(phoneDigits(phone));
      if (userId !== undefined) user.user_id = userId;
      return index(user);
    },
    /** Adds a user, or changes one that is already known under one of its addresses. */
    put(input: unknown): User {
      const fields = fieldsOf(input, "users");
      const change = readUser(fields);
      fields.done();
      const known = [change.phone, change.wa_id, change.user_id]
        .map((address) => (address ? byAddress.get(address) : undefined))
        .find((user) => user !== undefined);
      if (!change.phone && !change.wa_id && !change.user_id) {
        throw new ControlError('users: give "phone", "wa_id" or "user_id".');
      }
      const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value != null));
      if (known) return index(Object.assign(known, given));
      return create({ wa_id: change.phone ?? null, phone: change.wa_id ?? null, ...given });
    },
    clear: () => byAddress.clear(),
  };
}

function readUser(fields: Fields): Partial<User> {
  const digits = (name: string) => {
    const text = fields.text(name);
    return text === undefined ? null : phoneDigits(text);
  };
  return {
    phone: digits("phone"),
    wa_id: digits("wa_id"),
    user_id: fields.text("user_id") ?? null,
    parent_user_id: fields.text("parent_user_id") ?? null,
    name: fields.text("name") ?? null,
    username: fields.text("username") ?? null,
    ...flags(fields, ["hides_phone", "on_whatsapp", "stopped_marketing"]),
  };
}

function flags(fields: Fields, names: readonly string[]): Record<string, boolean> {
  const given = names.flatMap((name) => {
    const value = fields.flag(name);
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(given);
}

/** The digits of a phone number in any common spelling. Throws ControlError for anything else. */
function phoneDigits(text: string): string {
  const digits = digitsOf(text);
  if (!/^\+?[\d\s().-]+$/.test(text) || digits.length < 5 || digits.length > 15) {
    throw new ControlError(`"${text}" is not a phone number: 5 to 15 digits, with or without +.`);
  }
  return digits;
}

/** What identifies the user inside the simulator. */
export function userKey(user: User): string {
  return user.wa_id ?? user.user_id ?? "";
}
