import { type ListedMessage, listMedia, listMessages } from "../../channels/twilio/list.ts";
import {
  findDoubted,
  type InDoubt,
  inboundOf,
  instantOf,
  statusOf,
} from "../../channels/twilio/reconcile.ts";
import type { Acceptor, Queryable } from "../../core/events/recording.ts";
import { publicId } from "../../core/ids.ts";
import type { InboundItem, InboundOutcome, InboundRequest } from "../../core/messages/inbound.ts";
import { movesUp } from "../../core/messages/message-status.ts";
import type { Clock } from "../../core/outside/clock.ts";
import type { Logger } from "../../core/outside/log.ts";
import type { ProviderHttp } from "../../core/outside/provider-http.ts";
import { Secret } from "../../core/secret.ts";
import type { ProviderPlaces, Sender } from "../../core/sending/outgoing.ts";
import { findProviderRefs, keyOfName } from "../../storage/conversations/provider-refs.ts";
import {
  keepReconciled,
  type ReconcilingChannel,
  readStatuses,
  takeReconcilingChannels,
} from "../../storage/sending/sms-reconciliation.ts";

const MINUTE_MS = 60_000;
/** Twice within the time for which a message stays in doubt. */
const EVERY_MS = 5 * MINUTE_MS;
const CHANNELS = 20;
/** Twilio's webhook goes first: what is younger is still on its way. */
const LEEWAY_MS = 2 * MINUTE_MS;
/** Lists begin so much before what was compared last: Twilio's log is not written in order. */
const OVERLAP_MS = 10 * MINUTE_MS;
/** How long the statuses of what was sent are looked after. */
const STATUSES_MS = 60 * MINUTE_MS;
/** A server that was away longer does not ask for more. */
const LONGEST_MS = 7 * 24 * 60 * MINUTE_MS;
const ITEMS = 500;

export interface SmsReconcilerDeps {
  db: Queryable;
  http: ProviderHttp;
  places: Pick<ProviderPlaces, "twilio">;
  /** Opens what is sealed for a channel's `credentials`: JSON. Throws when no key fits. */
  openCredentials(sealed: string, channelId: string): string;
  /** What the channel's provider may or may not have taken. */
  doubtsOf(channelId: string): Promise<InDoubt[]>;
  inbox: Acceptor<InboundRequest, InboundOutcome>;
  clock: Pick<Clock, "now">;
  logger: Logger;
}

/**
 * Compares each number's messages with Twilio's own log: Twilio calls a webhook twice at most, and what
 * got lost then is in that log alone. It also tells of messages of ours whose answer and statuses got
 * lost.
 */
export class SmsReconciler {
  readonly #deps: SmsReconcilerDeps;

  constructor(deps: SmsReconcilerDeps) {
    this.#deps = deps;
  }

  /** Looks after the channels whose turn it is. What fails is tried again at the next turn. */
  async runOnce(): Promise<void> {
    const { db, clock, logger } = this.#deps;
    const now = clock.now();
    const turn = { now, againAt: now + EVERY_MS, limit: CHANNELS };
    for (const channel of await takeReconcilingChannels(db, turn)) {
      try {
        await this.#compare(channel, now);
      } catch (error) {
        const fields = { channel: publicId("ch", channel.id), reason: reasonOf(error) };
        logger.warn(fields, "a number could not be compared with Twilio's log");
      }
    }
  }

  async #compare(channel: ReconcilingChannel, now: number): Promise<void> {
    const { db, inbox, logger } = this.#deps;
    const since = Math.max(channel.doneUntil ?? channel.connectedAt, now - LONGEST_MS);
    const sender = this.#senderOf(channel);
    const items = [
      ...(await this.#lostInbound(channel, sender, { since: since - OVERLAP_MS, now })),
      ...(await this.#outbound(channel, sender, Math.min(since, now - STATUSES_MS) - OVERLAP_MS)),
    ];
    let found = 0;
    for (let start = 0; start < items.length; start += ITEMS) {
      const part = items.slice(start, start + ITEMS);
      const outcome = await inbox.accept({
        provider: "twilio",
        items: part,
        onlyChannelId: channel.id,
      });
      found += outcome.messages + outcome.statuses;
    }
    await keepReconciled(db, channel.id, now - LEEWAY_MS);
    if (found === 0) return;
    const fields = { channel: publicId("ch", channel.id), found };
    logger.warn(fields, "Twilio's log had what its webhooks did not bring");
  }

  /** Messages of customers from before the connection are none of ours. */
  async #lostInbound(
    channel: ReconcilingChannel,
    sender: Sender,
    { since, now }: { since: number; now: number },
  ): Promise<InboundItem[]> {
    const { http, places } = this.#deps;
    const from = Math.max(since, channel.connectedAt);
    const query = { to: channel.externalId, since: from };
    const listed = (await listMessages(http, places, sender, query)).filter((each) => {
      const at = instantOf(each);
      return each.direction === "inbound" && at !== null && at >= from && at < now - LEEWAY_MS;
    });
    const known = await this.#known(channel, listed);
    const items: InboundItem[] = [];
    for (const each of listed.filter(({ sid }) => !known.has(sid)).reverse()) {
      const hasMedia = Number(each.num_media ?? 0) > 0;
      const media = hasMedia ? await listMedia(http, places, sender, each.sid) : [];
      items.push(...inboundOf(each, media, addressOf(channel)));
    }
    return items;
  }

  async #outbound(
    channel: ReconcilingChannel,
    sender: Sender,
    since: number,
  ): Promise<InboundItem[]> {
    const { db, http, places, doubtsOf } = this.#deps;
    const { messagingServiceSid: service, externalId } = channel;
    // A service chooses the number that sends; the account's list tells which service it was.
    const query = { since, ...(service === null ? { from: externalId } : {}) };
    const listed = (await listMessages(http, places, sender, query)).filter(
      (each) =>
        each.direction === "outbound-api" &&
        (service === null || each.messaging_service_sid === service),
    );
    const known = await this.#known(channel, listed);
    const statuses = await readStatuses(db, [...known.values()]);
    const strangers = listed.filter(({ sid }) => !known.has(sid));
    const doubted =
      strangers.length === 0 ? new Map() : findDoubted(await doubtsOf(channel.id), strangers);
    return listed.flatMap((each) => {
      const doubt: InDoubt | undefined = doubted.get(each.sid);
      if (doubt) return statusOf(each, addressOf(channel), doubt.token);
      const status = statuses.get(known.get(each.sid) ?? "");
      return statusOf(each, addressOf(channel), null).filter(
        (item) => item.kind === "status" && status !== undefined && movesUp(status, item.status),
      );
    });
  }

  /** Our ids of those that are known here, by Twilio's. */
  async #known(
    { id: channelId }: ReconcilingChannel,
    listed: readonly ListedMessage[],
  ): Promise<Map<string, string>> {
    const names = listed.map(({ sid: providerId }) => ({ channelId, providerId }));
    const refs = await findProviderRefs(this.#deps.db, names);
    return new Map(
      names.flatMap((name) => {
        const messageId = refs.get(keyOfName(name));
        return messageId === undefined ? [] : [[name.providerId, messageId] as const];
      }),
    );
  }

  #senderOf({ id, externalId, messagingServiceSid, credentials }: ReconcilingChannel): Sender {
    const opened: Record<string, string> = JSON.parse(this.#deps.openCredentials(credentials, id));
    const secrets = Object.entries(opened).map(([name, value]) => [name, new Secret(value)]);
    return {
      kind: "sms",
      externalId,
      messagingServiceSid,
      wabaId: null,
      login: null,
      credentials: Object.fromEntries(secrets),
    };
  }
}

function addressOf({ externalId }: ReconcilingChannel) {
  return { kind: "sms", externalId } as const;
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : "unknown";
}
