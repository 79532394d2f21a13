import { isoOf } from "../core/events/envelope.ts";
import type { AcceptorSpec, Recording } from "../core/events/recording.ts";
import { optOutIn } from "../core/sending/opt-out.ts";
import { quotaDrafts } from "../core/sending/sms-quota.ts";
import { type Consent, findOptedOut, saveConsents } from "../storage/conversations/consents.ts";
import {
  type ConversationState,
  lockConversationStates,
} from "../storage/conversations/conversations.ts";
import { lockMessages, saveProgress } from "../storage/conversations/messages.ts";
import { resolvePeople } from "../storage/conversations/people.ts";
import { insertProviderRefs, keyOfName } from "../storage/conversations/provider-refs.ts";
import { expireKeys } from "../storage/idempotency.ts";
import { dropFallbacks, failedAmong, noteFailed } from "../storage/sending/fallbacks.ts";
import { deleteOutbox, doubtOutbox, lockOutbox, requeueOutbox } from "../storage/sending/outbox.ts";
import { countSmsCalls } from "../storage/sending/sms-usage.ts";
import { DOUBT_MS } from "./decide.ts";
import { draftsOf, type Fact } from "./draft.ts";
import { Ledger, type Settled, type SettleUnit } from "./ledger.ts";
import { KEY_KEPT_MS } from "./request.ts";

/**
 * Records what became of messages. Whoever moves a message out of `sending` says so in an event,
 * once: the provider's answer, its status, or time. A word about an earlier leave to go changes
 * nothing that a later one has decided.
 */
export function settleSendSpec(): AcceptorSpec<SettleUnit, Settled> {
  return {
    name: "outbox",
    maxUnits: 200,
    laneOf: ({ conversationId }) => [conversationId],
    run: settleSends,
  };
}

async function settleSends(recording: Recording, units: readonly SettleUnit[]): Promise<Settled[]> {
  const { tx, now } = recording;
  const named = await insertProviderRefs(tx, refsOf(units));
  await learnAddresses(recording, units);
  const ids = [...new Set(units.map((each) => each.messageId))];
  const conversations = await lockConversationStates(tx, [
    ...new Set(units.map((each) => each.conversationId)),
  ]);
  const messages = await lockMessages(tx, ids);
  const entries = await lockOutbox(tx, ids);
  const ledger = new Ledger({ now, conversations, messages, entries });
  const settled = units.map((unit) => ledger.hear(unit));

  const progress = ledger.progress();
  await saveProgress(tx, progress);
  await dropFallbacks(tx, cancelledAmong(units, settled));
  await noteFailed(tx, failedAmong(progress), now);
  await deleteOutbox(tx, ledger.gone());
  await requeueOutbox(tx, ledger.queued());
  await doubtOutbox(tx, ledger.doubted(), now + DOUBT_MS);
  await expireKeys(tx, ledger.endedKeys(now + KEY_KEPT_MS));
  const tallies = await countSmsCalls(tx, smsTaken(units, named), now);
  const wishes = await heardWishes(recording, units, conversations);
  await recording.append([
    ...(await draftsOf(tx, [...ledger.facts, ...wishes], now)),
    ...quotaDrafts(tallies, now),
  ]);
  return settled;
}

/** Messages that were cancelled here: nothing stands in for them. */
function cancelledAmong(units: readonly SettleUnit[], settled: readonly Settled[]): string[] {
  return units.flatMap(({ messageId, word }, at) =>
    word.kind === "cancelled" && settled[at]?.error?.code === "cancelled" ? [messageId] : [],
  );
}

/** What refusals tell of customers' own wishes, kept and told once. */
async function heardWishes(
  { tx, now }: Recording,
  units: readonly SettleUnit[],
  conversations: ReadonlyMap<string, ConversationState>,
): Promise<Fact[]> {
  const heard = new Map<string, { fact: Fact; consent: Consent }>();
  for (const { word, channelId, channelKind, workspaceId, conversationId } of units) {
    const wish = word.kind === "refused" ? optOutIn(channelKind, word.error) : null;
    const conversation = conversations.get(conversationId);
    if (wish === null || conversation === undefined) continue;
    const { contactId } = conversation;
    const said = { channel: channelKind, topic: null, keyword: null, ...wish, at: isoOf(now) };
    heard.set(`${channelId} ${contactId}`, {
      fact: { type: "consent.opted_out", channelId, conversation, data: said },
      consent: {
        ...{ workspaceId, channelId, contactId },
        ...{ topic: "", state: "opted_out", changedAt: now },
      },
    });
  }
  const known = await findOptedOut(
    tx,
    [...heard.values()].map(({ consent }) => consent),
  );
  const news = [...heard].flatMap(([key, each]) => (known.has(key) ? [] : [each]));
  await saveConsents(
    tx,
    news.map(({ consent }) => consent),
  );
  return news.map(({ fact }) => fact);
}

/** Messages that have just got their name at Twilio: whoever learns it first counts the call. */
function smsTaken(units: readonly SettleUnit[], named: ReadonlySet<string>): string[] {
  const taken = units.flatMap(({ channelId, channelKind, messageId, word }) => {
    if (channelKind !== "sms" || word.kind !== "accepted" || word.providerId === null) return [];
    return named.has(keyOfName({ channelId, providerId: word.providerId })) ? [messageId] : [];
  });
  return [...new Set(taken)];
}

function refsOf(units: readonly SettleUnit[]) {
  const refs = units.flatMap(({ channelId, messageId, word }) =>
    word.kind === "accepted" && word.providerId !== null
      ? [{ channelId, messageId, providerId: word.providerId }]
      : [],
  );
  return [...new Map(refs.map((each) => [keyOfName(each), each])).values()];
}

/** Who writes under the name that the provider gave is the person that was written to. */
async function learnAddresses(recording: Recording, units: readonly SettleUnit[]): Promise<void> {
  const learned = units.flatMap(({ learned: news, workspaceId, channelId }) => {
    if (news === null) return [];
    return [{ workspaceId, channelId, contactId: news.contactId, ...news.name }];
  });
  if (learned.length > 0) await resolvePeople(recording, [], learned);
}
