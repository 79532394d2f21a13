import type { MessageError } from "../events/envelope.ts";
import type { IdentityName } from "../messages/inbound.ts";

/**
 * What a provider's error asks for:
 * - `retry`: the same request may be made again after a while;
 * - `slow`: whoever goes on makes it worse;
 * - `pause_channel`: nothing leaves by this channel until somebody mends it;
 * - `window`: the customer must write first, or has asked not to be written to;
 * - `recipient`: this person cannot be reached so;
 * - `request`: the message itself is at fault.
 */
export type RefusalClass = "retry" | "slow" | "pause_channel" | "window" | "recipient" | "request";

/** How to come back: by and by, once, or as the limit between one number and one customer demands. */
export type Pace = "backoff" | "once" | "pair";

/** Why a message did not leave, as the API, the event and the row show it. */
export interface SendError extends MessageError {
  /** The provider's own explanation, verbatim. */
  details: string | null;
}

/** What came of handing one message to a provider. */
export type SendOutcome =
  | {
      kind: "accepted";
      /** Null where the provider gives what was sent no name of its own. */
      providerId: string | null;
      /** What the provider calls the recipient, where it said so. */
      recipient: IdentityName | null;
    }
  /** The provider said no, and would say so again. */
  | { kind: "refused"; class: RefusalClass; error: SendError }
  /** The provider said no, and that it may be asked again. */
  | {
      kind: "retryable";
      error: SendError;
      pace: Pace;
      /** The limit is the whole channel's, not this recipient's. */
      restsChannel: boolean;
    }
  /** The provider said no to the channel; `forMs` is null when only a person can mend it. */
  | { kind: "pause_channel"; error: SendError; forMs: number | null }
  /** Nobody knows whether the provider has the message. It must not be sent again. */
  | { kind: "in_doubt"; reason: string }
  /** The provider has not seen a byte of it. */
  | { kind: "not_sent"; reason: string };
