import type { Clock } from "../clock.ts";
import { isObject, type JsonObject } from "../json.ts";
import { createPairLimiter, createRateLimiter } from "../limits.ts";
import { GraphError } from "../meta/graph-error.ts";
import { digitsOf, newMessageId } from "../meta/ids.ts";
import type { BusinessNumber } from "./numbers.ts";
import { type User, userKey } from "./people.ts";
import { readRecipient } from "./recipients.ts";
import { checkMessage, type MessageType } from "./rules/message.ts";
import { checkTemplate } from "./rules/template.ts";
import type { Template } from "./templates.ts";
import type { World } from "./world.ts";

const KEPT = 50_000;

/** A message that was accepted: what the user's phone would show, or why it shows nothing. */
export interface AcceptedMessage {
  id: string;
  phone_number_id: string;
  /** The address as the request wrote it. */
  to: string;
  wa_id: string | null;
  user_id: string | null;
  type: MessageType;
  /** The whole request body. */
  body: JsonObject;
  biz_opaque_callback_data: string | null;
  accepted_at: number;
  /** False for a BSUID in `to`: accepted, and silently dropped. */
  reaches_somebody: boolean;
  /** The error of the failed status that follows, whatever the status script says. */
  fails_with: number | null;
  /** The statuses that were sent by webhook so far. */
  statuses: string[];
}

/** An accepted message together with what only the simulator needs. */
export interface Send {
  message: AcceptedMessage;
  number: BusinessNumber;
  user: User | null;
  template: Template | null;
  inWindow: boolean;
  answer: JsonObject;
}

export type Sends = ReturnType<typeof createSends>;

/** Takes messages as Meta does: form, recipient, template, limits, window, in this order. */
export function createSends(world: World, clock: Clock) {
  const sends = new Map<string, Send>();
  const pairs = createPairLimiter();
  const throughput = createRateLimiter(1_000);

  function checkLimits(number: BusinessNumber, user: User, now: number): void {
    const { throughput_per_s, pair_every_ms, pair_burst } = world.settings;
    if (!throughput.take(number.phone_number_id, now, throughput_per_s)) {
      throw new GraphError(130429);
    }
    const pair = `${number.phone_number_id} ${userKey(user)}`;
    const rate = { everyMs: pair_every_ms, burst: pair_burst };
    if (!pairs.take(pair, now, rate)) throw new GraphError(131056);
  }

  /** What will go wrong on the way to the user, or null. Thrown where the settings say "sync". */
  function failureOf(user: User, template: Template | null, inWindow: boolean): number | null {
    const { window, undeliverable } = world.settings;
    const stopped = user.stopped_marketing && template?.category === "MARKETING";
    const unreachable = user.on_whatsapp ? (stopped ? 131050 : null) : 131026;
    if (unreachable !== null) {
      if (undeliverable === "sync") throw new GraphError(unreachable);
      return unreachable;
    }
    if (inWindow || template !== null || window === "off") return null;
    if (window === "sync") throw new GraphError(131047);
    return 131047;
  }

  return {
    /** Accepts the message or throws the GraphError that Meta would answer. */
    accept(number: BusinessNumber, body: JsonObject): Send {
      const now = clock.now();
      const isMedia = (id: string) => world.media.isKnown(id, now);
      const type = checkMessage(body, { isMedia });
      const recipient = readRecipient(body, number, world.people);
      const { user } = recipient;
      if (user?.wa_id === number.display_phone_number) throw new GraphError(131021);
      const template = templateOf(type, body, number);
      if (template?.category === "AUTHENTICATION" && recipient.by === "user_id") {
        throw new GraphError(131062);
      }
      if (type === "reaction") checkReactedTo(body, now);
      const inWindow = user !== null && world.windows.isOpen(number.phone_number_id, user, now);
      const failsWith = user ? failureOf(user, template, inWindow) : null;
      if (user) checkLimits(number, user, now);

      const id = newMessageId(digitsOf(user?.wa_id ?? recipient.input), "outbound");
      const data = body["biz_opaque_callback_data"];
      const message: AcceptedMessage = {
        id,
        phone_number_id: number.phone_number_id,
        to: recipient.input,
        wa_id: user?.wa_id ?? null,
        user_id: user?.user_id ?? null,
        type,
        body,
        biz_opaque_callback_data: typeof data === "string" ? data : null,
        accepted_at: now,
        reaches_somebody: user !== null,
        fails_with: failsWith,
        statuses: [],
      };
      const answer = {
        messaging_product: "whatsapp",
        contacts: [recipient.contact],
        messages: [{ id, ...(template ? { message_status: "accepted" } : {}) }],
      };
      const send: Send = { message, number, user, template, inWindow, answer };
      sends.set(id, send);
      world.remember(id, "outbound", now);
      const [oldest] = sends.keys();
      if (sends.size > KEPT && oldest !== undefined) sends.delete(oldest);
      return send;
    },
    /** The send with this id; "last" is the latest one. */
    find: (id: string) => (id === "last" ? [...sends.values()].at(-1) : sends.get(id)),
    all: () => [...sends.values()].map((send) => send.message),
    clear() {
      sends.clear();
      pairs.clear();
      throughput.clear();
    },
  };

  function templateOf(type: MessageType, body: JsonObject, number: BusinessNumber) {
    const content = body["template"];
    if (type !== "template") return null;
    if (!isObject(content)) throw new GraphError(100);
    return checkTemplate(content, (name, language) =>
      world.templates.find(number.waba_id, name, language),
    );
  }

  function checkReactedTo(body: JsonObject, now: number): void {
    const reaction = body["reaction"];
    const id = isObject(reaction) ? String(reaction["message_id"]) : "";
    world.checkMessageId(id, now);
  }
}
