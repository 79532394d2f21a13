import { wholeList } from "../calls/page.ts";
import type { RequestOptions, Transport } from "../calls/transport.ts";
import type { Channel } from "./channels.ts";

export type SimulatedKind = "whatsapp" | "instagram" | "messenger" | "sms";

/** The providers, played. */
export interface SimulatorState {
  available: boolean;
  /** Why not, and what would change it. */
  reason: string | null;
  channels: {
    id: string;
    kind: SimulatedKind;
    name: string;
    external_id: string;
    customer: { id: string; name: string };
  }[];
  faults: SimulatorFaults;
}

export interface SimulatorFaults {
  /** Every webhook comes twice. */
  deliver_twice: boolean;
  /** A send is carried out, and its answer is lost. */
  lose_answers: boolean;
  /** Statuses come last first. */
  out_of_order: boolean;
  /** What customers write is signed by somebody else. */
  wrong_signature: boolean;
}

export interface SimulatedChannelDraft {
  kind: SimulatedKind;
  name?: string;
  account_id?: string;
}

/** What a customer does: one of these. */
export type CustomerAct = {
  /** Who does it; one and the same test customer when absent. */
  customer?: { id?: string; name?: string };
} & (
  | { text: string }
  | { image: { caption?: string } }
  /** To the message with this id of the provider's; null takes it back. */
  | { reaction: { message_id: string; emoji: string | null } }
  | { story_reply: { text: string } }
  | { ad_click: { text: string; headline?: string } }
);

/** What a customer's phone shows. */
export interface PhoneEntry {
  /** The provider's. */
  id: string;
  author: "customer" | "business";
  type: string;
  text: string | null;
  /** The message that a reaction is about. */
  about: string | null;
  /** Of the business's, as they were told. */
  statuses: string[];
  /** Of the customer's: what the ingress answered to the provider's webhook. */
  webhook_status: number | null;
  at: string;
}

export type Simulator = ReturnType<typeof simulatorCalls>;

export function simulatorCalls(call: Transport) {
  const path = ["simulator"];
  const of = (id: string, what: string) => [...path, "channels", id, what];
  return {
    get: (options?: RequestOptions) => call<SimulatorState>({ method: "GET", path, options }),
    /** Connects a channel whose provider is played. */
    createChannel: (body: SimulatedChannelDraft, options?: RequestOptions) =>
      call<Channel>({ method: "POST", path: [...path, "channels"], body, options }),
    /** A customer writes, reacts, or comes by an advertisement. */
    act: (channelId: string, body: CustomerAct, options?: RequestOptions) =>
      call<PhoneEntry>({ method: "POST", path: of(channelId, "acts"), body, options }),
    /** What the customer's phone shows. */
    thread: (channelId: string, query?: { customer_id?: string }, options?: RequestOptions) =>
      wholeList<PhoneEntry>(call, {
        path: of(channelId, "thread"),
        ...(query ? { query } : {}),
        options,
      }),
    /** What goes wrong from now on; what is not named goes well. */
    setFaults: (body: Partial<SimulatorFaults>, options?: RequestOptions) =>
      call<SimulatorFaults>({ method: "PUT", path: [...path, "faults"], body, options }),
  };
}
