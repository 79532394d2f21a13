import { accountObject, channelObject, isoOf } from "../core/events/envelope.ts";
import type { AcceptorSpec, EventDraft, Recording } from "../core/events/recording.ts";
import type { SendError } from "../core/sending/send-outcome.ts";
import { insertChannelNotice, takeChannelNotices } from "../storage/channels/channel-notices.ts";
import { type RoutedChannel, routeChannels } from "../storage/channels/routing.ts";
import type { Tx } from "../storage/connections/connections.ts";

/** So many notices are told in one transaction. */
export const NOTICES_A_TURN = 50;

export type ChannelNotice =
  /** Its provider refuses it, in all that it does or in something. */
  | {
      kind: "degraded";
      error: SendError;
      /** When it goes on by itself, ms since the epoch; null when somebody must mend it. */
      until: number | null;
    }
  /** It had paused and goes on; the reason in words. */
  | { kind: "restored"; reason: string };

/** Keeps what is to be told of a channel, in the transaction in which it happens: no crash loses it. */
export function keepChannelNotice(
  tx: Tx,
  channelId: string,
  notice: ChannelNotice,
  at: number,
): Promise<void> {
  return insertChannelNotice(tx, { channelId, notice: JSON.stringify(notice), at });
}

/** Tells what was kept of channels, in the transaction in which it is kept no longer; answers how much. */
export function announceSpec(): AcceptorSpec<null, number> {
  return {
    name: "announce",
    maxUnits: NOTICES_A_TURN,
    // What another transaction of this process is taking is not waited for.
    laneOf: () => ["announce"],
    run: announce,
  };
}

async function announce(recording: Recording, units: readonly null[]): Promise<number[]> {
  const { tx } = recording;
  const kept = await takeChannelNotices(tx, NOTICES_A_TURN);
  const channels = [...new Set(kept.map(({ channelId }) => channelId))];
  const routes = await routeChannels(tx, { channels, conversations: [] });
  const drafts = kept.flatMap(({ channelId, notice, at }): EventDraft[] => {
    const route = routes.get(channelId);
    // Written by `keepChannelNotice`, and by nobody else.
    return route ? [draftOf(route, JSON.parse(notice) as ChannelNotice, at)] : [];
  });
  await recording.append(drafts);
  return units.map(() => kept.length);
}

function draftOf(
  { workspaceId, account, channel }: RoutedChannel,
  notice: ChannelNotice,
  at: number,
) {
  return {
    workspaceId,
    type: notice.kind === "degraded" ? "account.degraded" : "account.connected",
    occurredAt: at,
    accountId: account?.id ?? null,
    channelId: channel.id,
    channelKind: channel.kind,
    conversationId: null,
    campaignId: null,
    account: accountObject(account),
    channel: channelObject(channel),
    conversation: null,
    contact: null,
    data: { ...wordsOf(notice), at: isoOf(at), action_url: null },
  };
}

function wordsOf(notice: ChannelNotice) {
  if (notice.kind === "restored") return { code: "restored", reason: notice.reason, details: {} };
  const { error, until } = notice;
  return {
    code: error.code,
    reason: [error.message, error.advice].filter((each) => each !== null).join(" "),
    details: {
      ...(error.provider_code === null ? {} : { provider_code: error.provider_code }),
      ...(until === null ? {} : { until: isoOf(until) }),
    },
  };
}
