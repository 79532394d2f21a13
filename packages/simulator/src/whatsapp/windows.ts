import type { User } from "./people.ts";

const DAY_MS = 24 * 3_600_000;

/** The 24 hours after a user's last message, per business number and user. */
export function createWindows() {
  const lastHeard = new Map<string, Map<User, number>>();
  return {
    /** A message from the user at this time; an older one never shortens the window. */
    heard(phoneNumberId: string, user: User, at: number): void {
      const users = lastHeard.get(phoneNumberId) ?? new Map<User, number>();
      users.set(user, Math.max(users.get(user) ?? 0, at));
      lastHeard.set(phoneNumberId, users);
    },
    close: (phoneNumberId: string, user: User) => lastHeard.get(phoneNumberId)?.delete(user),
    isOpen(phoneNumberId: string, user: User, now: number): boolean {
      const at = lastHeard.get(phoneNumberId)?.get(user);
      return at !== undefined && now < at + DAY_MS;
    },
    clear: () => lastHeard.clear(),
  };
}
