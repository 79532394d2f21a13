import type { Recording } from "../../core/events/recording.ts";
import type {
  InboundEcho,
  InboundFact,
  InboundMessage,
  Person,
} from "../../core/messages/inbound.ts";
import type { RoutedChannel } from "../../storage/channels/routing.ts";
import {
  deleteIdentities,
  findIdentities,
  type IdentityKey,
  keyOfIdentity,
} from "../../storage/conversations/contacts.ts";
import {
  type LearnedIdentity,
  type Lookup,
  type Merge,
  resolvePeople,
} from "../../storage/conversations/people.ts";
import type { NewWords, Placed } from "./sort.ts";

/** Who is behind the names that a batch gives. */
export interface Cast {
  /** Who wrote each message, or whom it was written to. */
  authorOf(words: NewWords): string;
  /** Whose conversation each message belongs to. */
  ownerOf(words: NewWords): string;
  /** Whom a fact is about; null for nobody who is known here. */
  subjectOf(fact: Placed<InboundFact>): string | null;
  merges: readonly Merge[];
  /** Ids of conversations that are known already, by `keyOfConversation`. */
  conversations: ReadonlyMap<string, string>;
}

/** The addresses of everybody who speaks, or is spoken to, in some messages. */
export function namesIn(messages: readonly Placed<InboundMessage | InboundEcho>[]): IdentityKey[] {
  return messages.flatMap(({ item, route }) => {
    const thread = item.kind === "message" ? item.thread : null;
    return [...keysOf(route, personOf(item)), ...(thread === null ? [] : keysOf(route, thread))];
  });
}

/** Facts that make somebody a contact: they say what that person wants. */
function makesContact({ kind }: InboundFact): boolean {
  return kind === "consent" || kind === "handover";
}

/** Who is to be found. */
interface Sought {
  words: readonly NewWords[];
  facts: readonly Placed<InboundFact>[];
  learned: readonly LearnedIdentity[];
  /** What was looked for already: those who are in `words`. */
  before: Lookup;
}

/** Finds or makes everybody. Names that were changed are moved, and the old ones are free again. */
export async function assemble(
  recording: Recording,
  { words, facts, learned, before }: Sought,
): Promise<Cast> {
  const people: Parameters<typeof resolvePeople>[1][number][] = [];
  const add = ({ workspaceId, account, channel }: RoutedChannel, person: Person) =>
    people.push({ workspaceId, accountId: account?.id ?? null, channelId: channel.id, person }) - 1;

  const authors = new Map(words.map((each) => [each, add(each.route, personOf(each.item))]));
  const owners = new Map(
    words.map((each) => {
      const thread = each.item.kind === "message" ? each.item.thread : null;
      return [each, thread === null ? authors.get(each) : add(each.route, thread)];
    }),
  );
  const subjects = new Map<Placed<InboundFact>, number>();
  for (const fact of facts) {
    const person = "person" in fact.item ? fact.item.person : null;
    if (person && makesContact(fact.item) && person.identities.length > 0) {
      subjects.set(fact, add(fact.route, person));
    }
  }
  const moves = await knownMoves(recording, facts);
  for (const { fact, person } of moves) subjects.set(fact, add(fact.route, person));

  const { contactIds, merges, conversations } = await resolvePeople(
    recording,
    people,
    learned,
    before,
  );
  await deleteIdentities(
    recording.tx,
    moves.flatMap(({ gone }) => gone),
  );
  const idAt = (at: number | undefined) => {
    const id = at === undefined ? undefined : contactIds[at];
    if (id === undefined) throw new Error("Somebody was looked for and is nobody");
    return id;
  };
  const known = await lookUp(
    recording,
    facts.filter((fact) => !subjects.has(fact)),
  );
  return {
    authorOf: (each) => idAt(authors.get(each)),
    ownerOf: (each) => idAt(owners.get(each)),
    subjectOf: (fact) =>
      subjects.has(fact) ? idAt(subjects.get(fact)) : (known.get(fact) ?? null),
    merges,
    conversations,
  };
}

function personOf(item: InboundMessage | InboundEcho): Person {
  return item.kind === "message" ? item.sender : item.recipient;
}

interface Move {
  fact: Placed<InboundFact>;
  person: Person;
  gone: IdentityKey[];
}

/** Changed names of people who are known by the old ones or by the new ones. */
async function knownMoves(
  { tx }: Recording,
  facts: readonly Placed<InboundFact>[],
): Promise<Move[]> {
  const all = facts.flatMap((fact): Move[] => {
    const { item, route } = fact;
    if (item.kind !== "identity_change") return [];
    const keys = item.from.map((each) => ({ ...each, channelId: route.channel.id }));
    const identities = [...item.to, ...item.from];
    return [{ fact, person: { identities, name: null, username: null }, gone: keys }];
  });
  if (all.length === 0) return [];
  const found = await findIdentities(
    tx,
    all.flatMap(({ fact, person }) => keysOf(fact.route, person)),
  );
  return all.filter(({ fact, person }) =>
    keysOf(fact.route, person).some((key) => found.has(keyOfIdentity(key))),
  );
}

/** Whom the other facts are about, where somebody knows them. */
async function lookUp(
  { tx }: Recording,
  facts: readonly Placed<InboundFact>[],
): Promise<Map<Placed<InboundFact>, string>> {
  const wanted = facts.flatMap((fact) => {
    const { item } = fact;
    const person = item.kind === "comment" ? item.author : "person" in item ? item.person : null;
    const isAboutPerson =
      item.kind === "comment" || item.kind === "profile" || item.kind === "watermark";
    return person && isAboutPerson ? [{ fact, keys: keysOf(fact.route, person) }] : [];
  });
  const keys = wanted.flatMap((each) => each.keys);
  const found = await findIdentities(tx, keys);
  return new Map(
    wanted.flatMap(({ fact, keys: own }) => {
      const [contactId] = own.flatMap((key) => found.get(keyOfIdentity(key))?.contactId ?? []);
      return contactId === undefined ? [] : [[fact, contactId]];
    }),
  );
}

function keysOf({ channel }: RoutedChannel, { identities }: Person): IdentityKey[] {
  return identities.map(({ kind, value }) => ({ channelId: channel.id, kind, value }));
}
