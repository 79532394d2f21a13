import type { Acceptor, Queryable } from "../../core/events/recording.ts";
import type { InboundItem, InboundOutcome, InboundRequest } from "../../core/messages/inbound.ts";
import type { Clock } from "../../core/outside/clock.ts";
import {
  claimProfileWishes,
  deleteProfileWishes,
  postponeProfileWishes,
} from "../../storage/conversations/newcomers.ts";
import { findProfile, type ProfileDeps } from "./profiles.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** Waits after each time that the provider did not say; then nobody asks any more. */
const WAITS_MS = [2 * MINUTE_MS, 10 * MINUTE_MS, HOUR_MS, 6 * HOUR_MS, 24 * HOUR_MS];
const DEADLINE_MS = 10_000;
const LEASE_MS = MINUTE_MS;
const PAGE = 20;

export interface ProfileWishesDeps extends ProfileDeps {
  db: Queryable;
  inbox: Acceptor<InboundRequest, InboundOutcome>;
  clock: Pick<Clock, "now">;
}

/** Asks again for the names of people who were taken in without one, and tells of those that it gets. */
export async function grantProfileWishes(deps: ProfileWishesDeps): Promise<void> {
  const { db, inbox, clock } = deps;
  const now = clock.now();
  const lease = { now, leasedUntil: now + LEASE_MS, limit: PAGE };
  const wishes = await claimProfileWishes(db, lease);
  const answers = await Promise.all(
    wishes.map(async (wish) => ({
      wish,
      profile: await findProfile(deps, wish.channelId, wish, DEADLINE_MS),
      wait: WAITS_MS[wish.attempts - 1],
    })),
  );
  const later = answers.flatMap(({ wish, profile, wait }) =>
    profile.kind === "later" && wait !== undefined ? [{ ...wish, nextAt: clock.now() + wait }] : [],
  );
  const items = answers.flatMap(({ wish, profile }): InboundItem[] => {
    if (profile.kind !== "found") return [];
    const { name, username } = profile;
    const person = { identities: [{ kind: wish.kind, value: wish.value }], name, username };
    const fact = { kind: "profile", channel: wish.address, person } as const;
    return [{ ...fact, providerId: null, at: null, raw: JSON.stringify({ profile: wish.value }) }];
  });
  if (items.length > 0) await inbox.accept({ provider: "meta", items, onlyChannelId: null });
  await postponeProfileWishes(db, later);
  const waiting = new Set(
    later.map(({ channelId, kind, value }) => `${channelId} ${kind} ${value}`),
  );
  await deleteProfileWishes(
    db,
    wishes.filter(({ channelId, kind, value }) => !waiting.has(`${channelId} ${kind} ${value}`)),
  );
}
