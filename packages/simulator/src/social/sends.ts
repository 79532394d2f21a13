import type { Clock } from "../clock.ts";
import { isObject, type JsonObject } from "../json.ts";
import { createRateLimiter } from "../limits.ts";
import { GraphError } from "../meta/graph-error.ts";
import type { SocialAccount } from "./accounts.ts";
import { newMid } from "./ids.ts";
import { badParameter, checkRequest, type SocialRequest } from "./rules.ts";
import type { SocialWorld } from "./world.ts";

const DAY_MS = 24 * 3_600_000;
const KEPT = 50_000;

/** A message that was accepted: what the person would see. */
export interface AcceptedSocialMessage {
  id: string;
  account_id: string;
  kind: SocialAccount["kind"];
  recipient_id: string;
  /** Set where it answers a comment in private. */
  comment_id: string | null;
  text: string | null;
  /** The whole request body. */
  body: JsonObject;
  metadata: string | null;
  accepted_at: number;
  /** Webhooks about it so far: `echo`, `delivery`, `read`. */
  told: string[];
}

export interface SocialSend {
  message: AcceptedSocialMessage;
  account: SocialAccount;
}

/** What became of a request: a message, or a mere action. */
export interface SocialAcceptance {
  send: SocialSend | null;
  answer: JsonObject;
}

export type SocialSends = ReturnType<typeof createSocialSends>;

/** Takes what is sent as Meta does: form, recipient, window, rate, in this order. */
export function createSocialSends(world: SocialWorld, clock: Clock) {
  const sends = new Map<string, SocialSend>();
  const actions: { account_id: string; recipient_id: string; action: string; at: number }[] = [];
  const rate = createRateLimiter(1_000);

  function recipientOf(account: SocialAccount, body: JsonObject): Recipient {
    const { recipient } = body;
    if (!isObject(recipient)) throw badParameter("param recipient must be non-empty.");
    const commentId = recipient["comment_id"];
    if (typeof commentId === "string") return byComment(account, commentId);
    const id = String(recipient["id"] ?? "");
    if (id === "") throw badParameter("Param recipient[id] must be a valid ID string");
    const lastHeard = world.people.lastHeard(account.id, id);
    if (lastHeard === null) throw badParameter("No matching user found", 2018001);
    if (!world.people.person(id).is_reachable) {
      throw new GraphError(551, {
        message: "(#551) This person isn't available right now.",
        subcode: 1545041,
      });
    }
    return { id, lastHeard, commentId: null };
  }

  function byComment(account: SocialAccount, commentId: string): Recipient {
    const comment = world.comments.get(commentId);
    if (comment?.account_id !== account.id) {
      throw badParameter(`Object with ID '${commentId}' does not exist`, 33);
    }
    if (comment.replied || clock.now() - comment.at > 7 * DAY_MS) {
      throw new GraphError(10903, {
        message: comment.replied
          ? "(#10903) This user can't reply to this activity: it was replied to already"
          : "(#10903) This user can't reply to this activity: it is older than 7 days",
      });
    }
    return { id: comment.from, lastHeard: 0, commentId };
  }

  function checkWindow(account: SocialAccount, recipient: Recipient, asked: SocialRequest): void {
    if (asked.kind === "action" || recipient.commentId !== null) return;
    if (world.settings.window === "off") return;
    const age = clock.now() - recipient.lastHeard;
    if (age < DAY_MS) return;
    if (asked.tag === "HUMAN_AGENT" && account.human_agent && age < 7 * DAY_MS) return;
    throw new GraphError(10, {
      message: "(#10) This message is sent outside of allowed window.",
      subcode: account.kind === "page" ? 2018278 : 2534022,
    });
  }

  return {
    /** Accepts the request or throws the GraphError that Meta would answer. */
    accept(account: SocialAccount, body: JsonObject): SocialAcceptance {
      const asked = checkRequest(account, body);
      const recipient = recipientOf(account, body);
      checkWindow(account, recipient, asked);
      const now = clock.now();
      if (!rate.take(account.id, now, world.settings.rate_per_s)) throw new GraphError(613);
      if (asked.kind === "action") {
        const { action } = asked;
        actions.push({ account_id: account.id, recipient_id: recipient.id, action, at: now });
        return { send: null, answer: { recipient_id: recipient.id } };
      }
      const comment = world.comments.get(recipient.commentId ?? "");
      if (comment) comment.replied = true;
      world.people.meet(account.id, recipient.id);
      const { text, metadata } = asked.message;
      const message: AcceptedSocialMessage = {
        id: newMid(account.kind),
        account_id: account.id,
        kind: account.kind,
        recipient_id: recipient.id,
        comment_id: recipient.commentId,
        text: typeof text === "string" ? text : null,
        body,
        metadata: typeof metadata === "string" ? metadata : null,
        accepted_at: now,
        told: [],
      };
      const send = { message, account };
      sends.set(message.id, send);
      const [oldest] = sends.keys();
      if (sends.size > KEPT && oldest !== undefined) sends.delete(oldest);
      return { send, answer: { recipient_id: recipient.id, message_id: message.id } };
    },
    find: (id: string) => (id === "last" ? [...sends.values()].at(-1) : sends.get(id)),
    all: () => [...sends.values()].map(({ message }) => message),
    actions: () => actions.map((each) => ({ ...each })),
    clear() {
      sends.clear();
      actions.splice(0);
      rate.clear();
    },
  };
}

interface Recipient {
  id: string;
  lastHeard: number;
  commentId: string | null;
}
