import { accountObject, channelObject, isoOf } from "../core/envelope.ts";
import type { AcceptorSpec, Recording } from "../core/recording.ts";
import type { SendError } from "../core/send-outcome.ts";
import { routeChannels } from "../storage/sending.ts";

/** A channel that its provider refuses, and that stands still for it. */
export interface DegradedUnit {
  channelId: string;
  error: SendError;
  /** When it goes on by itself, ms since the epoch; null when somebody must mend it. */
  until: number | null;
}

/** Tells that channels have paused. */
export function announceSpec(): AcceptorSpec<DegradedUnit, null> {
  return { name: "announce", maxUnits: 50, run: announce };
}

async function announce(recording: Recording, units: readonly DegradedUnit[]): Promise<null[]> {
  const { tx, now } = recording;
  const channels = [...new Set(units.map(({ channelId }) => channelId))];
  const routes = await routeChannels(tx, { channels, conversations: [] });
  const drafts = units.flatMap(({ channelId, error, until }) => {
    const route = routes.get(channelId);
    if (!route) return [];
    const { workspaceId, account, channel } = route;
    return [
      {
        workspaceId,
        type: "account.degraded",
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
        data: {
          code: error.code,
          reason: [error.message, error.advice].filter((each) => each !== null).join(" "),
          details: {
            ...(error.provider_code === null ? {} : { provider_code: error.provider_code }),
            ...(until === null ? {} : { until: isoOf(until) }),
          },
          at: isoOf(now),
          action_url: null,
        },
      },
    ];
  });
  await recording.append(drafts);
  return units.map(() => null);
}
