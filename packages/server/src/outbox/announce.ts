import { accountObject, channelObject, isoOf } from "../core/events/envelope.ts";
import type { AcceptorSpec, Recording } from "../core/events/recording.ts";
import type { SendError } from "../core/sending/send-outcome.ts";
import { routeChannels } from "../storage/channels/routing.ts";

/** A channel that its provider refuses, in all that it does or in something. */
export interface DegradedUnit {
  kind: "degraded";
  channelId: string;
  error: SendError;
  /** When it goes on by itself, ms since the epoch; null when somebody must mend it. */
  until: number | null;
}

/** A channel that had paused and goes on. */
interface RestoredUnit {
  kind: "restored";
  channelId: string;
  /** In words. */
  reason: string;
}

export type ChannelUnit = DegradedUnit | RestoredUnit;

/** Tells that channels have paused, or go on. */
export function announceSpec(): AcceptorSpec<ChannelUnit, null> {
  return { name: "announce", maxUnits: 50, run: announce };
}

async function announce(recording: Recording, units: readonly ChannelUnit[]): Promise<null[]> {
  const { tx, now } = recording;
  const channels = [...new Set(units.map(({ channelId }) => channelId))];
  const routes = await routeChannels(tx, { channels, conversations: [] });
  const drafts = units.flatMap((unit) => {
    const route = routes.get(unit.channelId);
    if (!route) return [];
    const { workspaceId, account, channel } = route;
    return [
      {
        workspaceId,
        type: unit.kind === "degraded" ? "account.degraded" : "account.connected",
        occurredAt: now,
        accountId: account?.id ?? null,
        channelId: channel.id,
        channelKind: channel.kind,
        conversationId: null,
        campaignId: null,
        account: accountObject(account),
        channel: channelObject(channel),
        conversation: null,
        contact: null,
        data: { ...wordsOf(unit), at: isoOf(now), action_url: null },
      },
    ];
  });
  await recording.append(drafts);
  return units.map(() => null);
}

function wordsOf(unit: ChannelUnit) {
  if (unit.kind === "restored") return { code: "restored", reason: unit.reason, details: {} };
  const { error, until } = unit;
  return {
    code: error.code,
    reason: [error.message, error.advice].filter((each) => each !== null).join(" "),
    details: {
      ...(error.provider_code === null ? {} : { provider_code: error.provider_code }),
      ...(until === null ? {} : { until: isoOf(until) }),
    },
  };
}
