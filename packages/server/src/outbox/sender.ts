import type { Provider } from "../channels/provider.ts";
import { providerOf } from "../channels/registry.ts";
import type { Queryable } from "../core/events/recording.ts";
import { publicId } from "../core/ids.ts";
import type { CredentialName } from "../core/messages/channel-kinds.ts";
import type { LinkMedia } from "../core/messages/media.ts";
import { isWindowOpen } from "../core/messages/window.ts";
import type { Clock } from "../core/outside/clock.ts";
import type { Logger } from "../core/outside/log.ts";
import type { ProviderHttp } from "../core/outside/provider-http.ts";
import { Secret } from "../core/secret.ts";
import type { Letter, Outgoing, ProviderPlaces, Sender } from "../core/sending/outgoing.ts";
import type { SendError, SendOutcome } from "../core/sending/send-outcome.ts";
import { UnknownKey } from "../core/unknown-key.ts";
import type { Leaving } from "../storage/sending/outbox.ts";
import { type ChannelMeans, findChannelMeans, pauseChannel } from "../storage/sending/sending.ts";
import type { ChangeConfig } from "../storage/workspaces/config-changes.ts";
import { keepChannelNotice } from "./announce.ts";
import type { SettleUnit, Word } from "./ledger.ts";
import { type OutboxRequest, readRequest } from "./request.ts";

/**
 * Who asked for leave longer ago than this may have been taken for dead meanwhile, and its messages
 * for lost: it sends nothing on that leave.
 */
const STALE_LEAVE_MS = 4_000;
/** How long a process leaves a channel to others whose credentials it has no key for. */
const KEYLESS_REST_MS = 60_000;

export type ProviderOutcome = "sent" | "refused" | "retryable" | "in_doubt" | "not_written";

export interface SenderDeps {
  db: Queryable;
  changeConfig: ChangeConfig;
  clock: Clock;
  random(): number;
  http: ProviderHttp;
  places: ProviderPlaces;
  /** Opens what is sealed for a channel's `credentials`: JSON. Throws when no key fits. */
  openCredentials(sealed: string, channelId: string): string;
  /** At which a provider is given a file that is kept here. */
  linkMedia: LinkMedia;
  logger: Logger;
  metrics: { provider(channel: string, outcome: ProviderOutcome): void };
}

export interface SenderRoom extends SenderDeps {
  /** Tells workspaces what was kept of their channels. Never rejects. */
  announce(): Promise<void>;
}

/**
 * Makes the one request that a leave to go allows and answers what came of it. Nothing is recorded
 * here but a channel that must pause. Never rejects. `askedAt` is when leave was asked for, by the
 * monotonic clock.
 */
export async function sendLeaving(
  deps: SenderRoom,
  leaving: Leaving,
  askedAt: number,
): Promise<SettleUnit> {
  const request = readRequest(leaving.request);
  const means = await findMeans(deps, leaving.channelId);
  const word = await wordOf(deps, leaving, request, means, askedAt);
  return {
    messageId: leaving.messageId,
    workspaceId: leaving.workspaceId,
    channelId: leaving.channelId,
    channelKind: leaving.channelKind,
    conversationId: leaving.conversationId,
    attempt: leaving.attempt,
    word,
    learned: learnedFrom(request, word),
    spread: deps.random(),
  };
}

type Means = ChannelMeans | "gone" | "unknown";

async function findMeans({ db, logger }: SenderDeps, channelId: string): Promise<Means> {
  try {
    return (await findChannelMeans(db, channelId)) ?? "gone";
  } catch (error) {
    logger.warn({ err: error, channel: channelId }, "a channel could not be read");
    return "unknown";
  }
}

async function wordOf(
  deps: SenderRoom,
  leaving: Leaving,
  request: OutboxRequest,
  means: Means,
  askedAt: number,
): Promise<Word> {
  if (means === "unknown") return { kind: "not_sent", reason: "the channel could not be read" };
  if (means === "gone") return { kind: "stranded" };
  const provider = providerOf(means.kind);
  if (provider === null) return { kind: "refused", class: "request", error: UNSENDABLE };
  const sender = senderOf(deps, provider, leaving.channelId, means);
  // Our operator's slip, not the channel's: who has the key sends it, or the next start.
  if (sender === "key missing") return { kind: "not_left", restMs: KEYLESS_REST_MS };
  if (sender === null) return pause(deps, leaving, means, NO_CREDENTIALS);
  if (leaving.isOptedOut) return { kind: "refused", class: "recipient", error: OPTED_OUT };
  if (deps.clock.monotonic() - askedAt > STALE_LEAVE_MS) return { kind: "not_left" };
  const outcome = await send(deps, provider, sender, letterOf(deps, leaving, request));
  deps.metrics.provider(means.kind, METRIC[outcome.kind]);
  report(deps.logger, leaving, outcome);
  return outcome.kind === "pause_channel" ? pause(deps, leaving, means, outcome) : outcome;
}

function letterOf(
  { clock, linkMedia }: SenderDeps,
  { messageId, channelKind, lastInboundAt }: Leaving,
  { to, content, replyTo, actor, tag }: OutboxRequest,
): Letter {
  const now = clock.now();
  return {
    ...{ to, content: linked(content, linkMedia, now), replyTo, actor, tag },
    token: publicId("msg", messageId),
    isWindowOpen: isWindowOpen(channelKind, lastInboundAt, now),
  };
}

/** A message may have waited for longer than the address is good that its file had then. */
function linked(content: Outgoing, linkMedia: LinkMedia, now: number): Outgoing {
  if (content.type !== "media" || !content.file) return content;
  const { id, filename } = content.file;
  return { ...content, url: linkMedia(id, now, content.filename ?? filename).url };
}

async function send(
  { http, places, logger }: SenderDeps,
  provider: Provider,
  sender: Sender,
  letter: Letter,
): Promise<SendOutcome> {
  try {
    return await provider.send(http, places, sender, letter);
  } catch (error) {
    // It may have left: only the provider's word can say.
    logger.error({ err: error, message: letter.token }, "sending a message met a fault of ours");
    return { kind: "in_doubt", reason: "a fault of ours after the request was begun" };
  }
}

function report(logger: Logger, { messageId, attempt }: Leaving, outcome: SendOutcome): void {
  const fields = { message: publicId("msg", messageId), attempt, outcome: outcome.kind };
  if (outcome.kind === "accepted") logger.debug(fields, "a provider has a message");
  else if ("error" in outcome) {
    const { code, provider_code } = outcome.error;
    logger.info({ ...fields, code, provider_code }, "a provider refused a message");
  } else logger.warn({ ...fields, reason: outcome.reason }, "a provider did not answer");
}

const METRIC: Record<SendOutcome["kind"], ProviderOutcome> = {
  accepted: "sent",
  refused: "refused",
  pause_channel: "refused",
  retryable: "retryable",
  in_doubt: "in_doubt",
  not_sent: "not_written",
};

/**
 * The channel stands still, unless what is wrong with it may have been mended since it was read:
 * then the message is tried again soon.
 */
async function pause(
  { changeConfig, clock, logger, announce }: SenderRoom,
  { workspaceId, channelId: id }: Leaving,
  { updatedAt }: ChannelMeans,
  outcome: Extract<SendOutcome, { kind: "pause_channel" }>,
): Promise<Word> {
  const { error, forMs } = outcome;
  const until = forMs === null ? null : clock.now() + forMs;
  const soon = { kind: "retryable", error, pace: "backoff", restsChannel: true } as const;
  const reason = [error.message, error.advice].filter((each) => each !== null).join(" ");
  try {
    const now = clock.now();
    const paused = await changeConfig(workspaceId, async (tx) => {
      const outcome = await pauseChannel(tx, { id, updatedAt, reason, until });
      if (outcome === "paused") {
        await keepChannelNotice(tx, id, { kind: "degraded", error, until }, now);
      }
      return outcome;
    });
    if (paused === null) return soon;
    // Another message of the channel was refused just before, and that was told.
    if (paused === "paused_already") return outcome;
    const fields = { channel: publicId("ch", id), code: error.code, until };
    logger.warn(fields, "a channel pauses: its provider refuses it");
    await announce();
    return outcome;
  } catch (cause) {
    logger.error({ err: cause, channel: publicId("ch", id) }, "a channel could not be paused");
    return soon;
  }
}

/**
 * How a channel proves itself; null when something that it must have to send by is missing or was altered.
 * What another master key has sealed is as good as ever, and only out of this process's reach.
 */
export function senderOf(
  { openCredentials, logger }: Pick<SenderDeps, "openCredentials" | "logger">,
  provider: Provider,
  channelId: string,
  { credentials, ...means }: ChannelMeans,
): Sender | "key missing" | null {
  if (credentials === null) return null;
  try {
    const opened = JSON.parse(openCredentials(credentials, channelId)) as {
      [Name in CredentialName]?: string; // sealed by the API alone
    };
    if (provider.credentials.some((name) => opened[name] === undefined)) return null;
    const secrets = Object.entries(opened).map(([name, value]) => [name, new Secret(value)]);
    const { kind, externalId, messagingServiceSid, wabaId, login } = means;
    const named = { kind, externalId, messagingServiceSid, wabaId, login };
    return { ...named, credentials: Object.fromEntries(secrets) };
  } catch (error) {
    const isKeyMissing = error instanceof UnknownKey;
    logger[isKeyMissing ? "debug" : "error"](
      { channel: publicId("ch", channelId) },
      "a channel's credentials cannot be opened with any of the master keys",
    );
    return isKeyMissing ? "key missing" : null;
  }
}

/** The same by the channel's id; null also where it is gone, or its key is missing. */
export async function findSender(
  deps: Pick<SenderDeps, "db" | "openCredentials" | "logger">,
  channelId: string,
): Promise<Sender | null> {
  const means = await findChannelMeans(deps.db, channelId);
  const provider = means && providerOf(means.kind);
  const sender = provider ? senderOf(deps, provider, channelId, means) : null;
  return sender === "key missing" ? null : sender;
}

export const NO_CREDENTIALS = {
  kind: "pause_channel",
  forMs: null,
  error: {
    code: "channel_unauthorized",
    provider_code: null,
    message: "The channel has no credentials that can be used.",
    details: null,
    retryable: false,
    advice: "Give the channel new credentials; what waits is sent then.",
  } satisfies SendError,
} as const;

const OPTED_OUT: SendError = {
  code: "opted_out",
  provider_code: null,
  message: "The customer has asked for no more messages.",
  details: null,
  retryable: false,
  advice: "Wait until they opt in again.",
};

export const UNSENDABLE: SendError = {
  code: "unsupported_action",
  provider_code: null,
  message: "This version cannot send by channels of this kind.",
  details: null,
  retryable: false,
  advice: null,
};

function learnedFrom({ to, contactId }: OutboxRequest, word: Word): SettleUnit["learned"] {
  if (word.kind !== "accepted" || word.recipient === null) return null;
  const { kind, value } = word.recipient;
  return kind === to.kind && value === to.value ? null : { contactId, name: word.recipient };
}
