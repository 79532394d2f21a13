import type { AcceptorSpec, Recording } from "../core/recording.ts";
import { quotaDrafts } from "../core/sms-quota.ts";
import { lockConversationStates } from "../storage/conversations.ts";
import { failedAmong, noteFailed } from "../storage/fallbacks.ts";
import { expireKeys } from "../storage/idempotency.ts";
import { lockMessages, saveProgress } from "../storage/messages.ts";
import { deleteOutbox, doubtOutbox, lockOutbox, requeueOutbox } from "../storage/outbox.ts";
import { resolvePeople } from "../storage/people.ts";
import { insertProviderRefs, keyOfName } from "../storage/provider-refs.ts";
import { countSmsCalls } from "../storage/sms-usage.ts";
import { DOUBT_MS } from "./decide.ts";
import { draftsOf } from "./draft.ts";
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
  await noteFailed(tx, failedAmong(progress), now);
  await deleteOutbox(tx, ledger.gone());
  await requeueOutbox(tx, ledger.queued());
  await doubtOutbox(tx, ledger.doubted(), now + DOUBT_MS);
  await expireKeys(tx, ledger.endedKeys(now + KEY_KEPT_MS));
  const tallies = await countSmsCalls(tx, smsTaken(units, named), now);
  await recording.append([
    ...(await draftsOf(tx, ledger.facts, now)),
    ...quotaDrafts(tallies, now),
  ]);
  return settled;
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
