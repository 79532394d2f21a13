import { CurlewError, type ErrorCode } from "../../core/errors.ts";
import type { Queryable } from "../../core/events/recording.ts";
import { firstIdAt, publicId } from "../../core/ids.ts";
import type { Content } from "../../core/messages/content.ts";
import { filenameOf, type LinkMedia, UNSENT_KEPT_MS } from "../../core/messages/media.ts";
import type { Outgoing } from "../../core/sending/outgoing.ts";
import type { StandIn } from "../../outbox/accept-send.ts";
import { findContent } from "../../storage/conversations/media.ts";
import { findSendable, type SendableFile } from "../../storage/conversations/uploads.ts";
import type { Owner } from "../../storage/workspaces/accounts.ts";
import { fieldRefused } from "../api.ts";
import { requireSendPlan } from "../workspaces/plan-limits.ts";
import { requireSmsQuota } from "../workspaces/sms-quota.ts";
import { type Destination, findDestination } from "./destination.ts";
import type { SendBody } from "./send-body.ts";
import { findTarget } from "./target.ts";
import { alternativesOf, type Wish, wishOf } from "./wish.ts";

/** A message with everything that had to be looked up. */
export interface Prepared {
  destination: Destination;
  message: StandIn;
}

interface At {
  db: Queryable;
  now: number;
  linkMedia: LinkMedia;
}

type MessageWish = Extract<Wish, { kind: "message" | "file" | "reaction" }>;

/** What only this way of reaching the customer has against it: another may do. */
const SKIPPED: ReadonlySet<ErrorCode> = new Set([
  "channel_missing",
  "recipient_unknown",
  "opted_out",
  "plan_feature",
  "quota_exceeded",
]);

/**
 * The message and what may stand in for it, in the order in which they are tried. A way that cannot
 * lead to the customer now is left out; the first refusal is given when there is none that can.
 */
export async function prepareAll(
  at: At,
  owner: Owner,
  body: SendBody,
  wish: MessageWish,
): Promise<Prepared[]> {
  const prepared: Prepared[] = [];
  const refusals: CurlewError[] = [];
  const attempt = async (one: SendBody, what: MessageWish) => {
    try {
      prepared.push(await prepare(at, owner, one, what));
    } catch (error) {
      if (!(error instanceof CurlewError && SKIPPED.has(error.code))) throw error;
      refusals.push(error);
    }
  };
  await attempt(body, wish);
  const phone = prepared[0]?.destination.phone ?? null;
  for (const [place, alternative] of alternativesOf(body, phone).entries()) {
    await within(place, async () => attempt(alternative, messageWishOf(alternative)));
  }
  const [refusal] = refusals;
  if (prepared.length === 0 && refusal) throw refusal;
  return prepared;
}

function messageWishOf(body: SendBody): MessageWish {
  const wish = wishOf(body);
  if (wish.kind === "message" || wish.kind === "file") return wish;
  throw fieldRefused("", "is not a message");
}

/** Points what is wrong with an alternative at its place in the request. */
async function within(at: number, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof CurlewError)) throw error;
    const { code, message, errors, extra } = error;
    const place = `/fallback/${at}`;
    const pointed = errors.map(({ pointer, detail }) => ({ pointer: place + pointer, detail }));
    const detail = pointed.length > 0 ? `${place}${message}` : `${place}: ${message}`;
    throw new CurlewError(code, detail, { errors: pointed, extra });
  }
}

async function prepare(at: At, owner: Owner, body: SendBody, wish: MessageWish): Promise<Prepared> {
  const { db, now } = at;
  const destination = await findDestination(db, owner, body);
  const { channel, provider, target, to } = destination;
  await requireSendPlan(db, owner.workspaceId, channel.kind, now);
  if (channel.kind === "sms" && !body.dry_run) await requireSmsQuota(db, owner.workspaceId, now);
  const content = await contentOf(at, owner, destination, wish);
  const replyTo =
    body.reply_to === undefined
      ? null
      : await findTarget(db, destination, body.reply_to, "/reply_to");
  const unfit = provider.unfit(content);
  if (unfit) throw fieldRefused(unfit.pointer, unfit.detail, unfit.code);
  if (body.tag !== undefined && channel.kind !== "messenger" && channel.kind !== "instagram") {
    throw fieldRefused("/tag", `${channel.kind} has no tags`, "unsupported_action");
  }
  if (destination.isOptedOut && !body.dry_run) {
    const detail = `They asked for no more messages by ${channel.kind}.`;
    throw new CurlewError("opted_out", detail);
  }
  const message: StandIn = {
    workspaceId: channel.workspaceId,
    accountId: channel.accountId,
    channelId: channel.id,
    reconciles: provider.reconciles,
    ...{ target, to, content, replyTo },
    actor: body.actor,
    tag: body.tag ?? null,
    ticketRef: body.ticket_ref ?? null,
    metadata: body.metadata === undefined ? null : JSON.stringify(body.metadata),
  };
  return { destination, message };
}

async function contentOf(
  at: At,
  owner: Owner,
  destination: Destination,
  wish: MessageWish,
): Promise<Outgoing> {
  if (wish.kind === "message") return wish.content;
  if (wish.kind === "file") return withFile(at, owner, wish.file);
  const { db } = at;
  const { channel } = destination;
  if (channel.kind === "sms") {
    throw fieldRefused("/reaction", "sms has no reactions", "unsupported_action");
  }
  const target = await findTarget(db, destination, wish.target, "/reaction/message_id");
  return {
    type: "reaction",
    targetId: target.messageId,
    targetProviderId: target.providerId,
    emoji: wish.emoji,
  };
}

/** The file with an address that a provider may fetch it at. */
async function withFile(
  { db, now, linkMedia }: At,
  owner: Owner,
  { id, kind, caption, filename }: Extract<Wish, { kind: "file" }>["file"],
): Promise<Outgoing> {
  const found = await findSendable(db, owner, { id, since: firstIdAt(now - UNSENT_KEPT_MS) });
  if (!found) {
    throw fieldRefused("/media/id", `there is no file ${publicId("med", id)}, or it is gone`);
  }
  const { mime, bytes, sha256 } = found;
  const named = found.filename ?? (await nameIn(db, found, id));
  const { url, expires_at: expiresAt } = linkMedia(id, now, filename ?? named);
  const file = { id, mime, bytes, sha256, filename: named, expiresAt };
  return { type: "media", kind, url, caption, filename, file };
}

/** What the message that has a file calls it. */
async function nameIn(db: Queryable, { messageId }: SendableFile, id: string) {
  const content = messageId === null ? null : await findContent(db, messageId);
  // The cast is safe: the column holds only what JSON.stringify made of a content.
  return content === null ? null : filenameOf(JSON.parse(content) as Content, publicId("med", id));
}

const LATE_MS = 5 * 60_000;
const MOST_AHEAD_MS = 30 * 24 * 3_600_000;

/** When a message is to leave; null for now. A clock that is slow by minutes is forgiven. */
export function sendAtOf({ send_at: at }: SendBody, now: number): number | null {
  if (at === undefined) return null;
  if (at < now - LATE_MS) throw fieldRefused("/send_at", "is in the past");
  if (at > now + MOST_AHEAD_MS) throw fieldRefused("/send_at", "is more than 30 days away");
  return at <= now ? null : at;
}
