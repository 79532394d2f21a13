import type { AcceptorSpec, Recording } from "../core/events/recording.ts";
import { timeOfId } from "../core/ids.ts";
import { REQUEST_WAIT_MS } from "../storage/connections/connections.ts";
import { setConversationStatuses } from "../storage/conversations/conversation-status.ts";
import {
  type ConversationState,
  type LockedState,
  lockConversationStates,
} from "../storage/conversations/conversations.ts";
import { claimKeys, type HeldKey } from "../storage/idempotency.ts";
import { draftsOf, type Fact } from "./draft.ts";
import { KEY_KEPT_MS, SEND_ROUTE } from "./request.ts";

/** What is done to a conversation without a message. A sign that passes changes nothing here. */
export interface ActUnit {
  workspaceId: string;
  channelId: string;
  /** Null for a sign to somebody whom there is no conversation with. */
  conversationId: string | null;
  act: "resolve" | "reopen" | "sign";
  actor: "bot" | "agent";
  key: { key: string; hash: Buffer } | null;
}

export type ActAnswer = { kind: "done" } | { kind: "held"; held: HeldKey };

/** Does it and keeps the key that stands for it, or neither. */
export function actSpec(): AcceptorSpec<ActUnit, ActAnswer> {
  return { name: "act", maxUnits: 100, laneOf: lanesOf, waitMs: REQUEST_WAIT_MS, run: act };
}

function lanesOf({ conversationId, workspaceId, key }: ActUnit): string[] {
  return [
    ...(conversationId === null ? [] : [conversationId]),
    ...(key === null ? [] : [`${workspaceId} ${key.key}`]),
  ];
}

async function act(recording: Recording, units: readonly ActUnit[]): Promise<ActAnswer[]> {
  const { tx, now } = recording;
  const held = await claim(recording, units);
  const changing = units.flatMap((unit, at) => {
    const { conversationId, act: what } = unit;
    if (conversationId === null || what === "sign" || held.has(at)) return [];
    return [{ ...unit, conversationId, closes: what === "resolve" }];
  });
  const conversations = await lockConversationStates(tx, [
    ...new Set(changing.map((each) => each.conversationId)),
  ]);
  const closedAt = new Map<string, number | null>();
  const facts = changing.flatMap(({ conversationId, channelId, closes, actor }): Fact[] => {
    const before = conversations.get(conversationId);
    if (!before || (before.status === "closed") === closes) return [];
    const conversation: LockedState = { ...before, status: closes ? "closed" : "open" };
    conversations.set(conversationId, conversation);
    closedAt.set(conversationId, closes ? now : null);
    const place = { channelId, conversation };
    return [closes ? closed(place, actor, now) : reopened(place, before)];
  });
  const changes = [...closedAt].map(([id, at]) => ({ id, closedAt: at }));
  await setConversationStatuses(tx, changes);
  await recording.append(await draftsOf(tx, facts, now));
  return units.map((_, at): ActAnswer => {
    const holder = held.get(at);
    return holder ? { kind: "held", held: holder } : { kind: "done" };
  });
}

async function claim(
  { tx, now }: Recording,
  units: readonly ActUnit[],
): Promise<Map<number, HeldKey>> {
  const claims = units.flatMap(({ workspaceId, key }, at) =>
    key === null
      ? []
      : [
          {
            at,
            claim: {
              ...{ workspaceId, route: SEND_ROUTE, ...key, refs: [] },
              expiresAt: now + KEY_KEPT_MS,
            },
          },
        ],
  );
  const answers = await claimKeys(
    tx,
    claims.map((each) => each.claim),
    now,
  );
  return new Map(
    answers.flatMap((holder, i) => {
      const at = claims[i]?.at;
      return holder === null || at === undefined ? [] : [[at, holder]];
    }),
  );
}

type Place = Pick<Fact, "channelId" | "conversation">;

function closed(place: Place, actor: ActUnit["actor"], now: number): Fact {
  const closed_by = actor === "agent" ? "agent" : "api";
  const seconds = Math.round((now - timeOfId(place.conversation.id)) / 1000);
  const data = { closed_by, reason: null, duration: Math.max(0, seconds) };
  return { ...place, type: "conversation.closed", data };
}

function reopened(place: Place, before: ConversationState): Fact {
  const changes = [{ field: "status", from: before.status, to: place.conversation.status }];
  return { ...place, type: "conversation.reopened", data: { changes } };
}
