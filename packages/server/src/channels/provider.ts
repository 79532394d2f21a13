import type { ChannelKind, CredentialName } from "../core/messages/channel-kinds.ts";
import type { ProviderError } from "../core/messages/inbound.ts";
import type { ProviderHttp } from "../core/outside/provider-http.ts";
import type { FileRule } from "../core/sending/file-rules.ts";
import type {
  Letter,
  Outgoing,
  ProviderPlaces,
  Sender,
  Signal,
  Unfit,
} from "../core/sending/outgoing.ts";
import type { SendError, SendOutcome } from "../core/sending/send-outcome.ts";
import type { CheckChannel } from "./check.ts";
import type { FindProfile } from "./find-profile.ts";
import type { LocateMedia } from "./locate-media.ts";

/** How one kind of channel sends. */
export interface Provider {
  readonly kind: ChannelKind;
  /** What a channel must have to send by; without one of them it pauses. */
  readonly credentials: readonly CredentialName[];
  /** Why the channel would never take this, found before anything is kept; null when it may. Pure. */
  unfit(content: Outgoing): Unfit | null;
  /** What files it takes, the type that shows a file best first. */
  readonly files: readonly FileRule[];
  /**
   * Hands over one message, once. What came of it says whether it may be handed over again: only if
   * the provider has not seen a byte of it, or says so in its own error envelope. Never rejects.
   */
  send(
    http: ProviderHttp,
    places: ProviderPlaces,
    sender: Sender,
    letter: Letter,
  ): Promise<SendOutcome>;
  /** Shows the customer something and keeps nothing of it; null where the channel cannot. */
  readonly signals: {
    unfit(signal: Signal): Unfit | null;
    send(
      http: ProviderHttp,
      places: ProviderPlaces,
      sender: Sender,
      signal: Signal,
    ): Promise<SendOutcome>;
  } | null;
  /**
   * How a message is found again whose answer was lost: by the token, which the provider gives back,
   * or by recipient, content and order, for which everything else for that person must wait.
   */
  readonly reconciles: "token" | "order";
  /** Asks the provider what usually goes wrong with a channel. */
  readonly check: CheckChannel;
  /** Says where a file is that a customer sent. */
  readonly locateMedia: LocateMedia;
  /** Says who somebody is; null where payloads tell it themselves, or nobody does. */
  readonly findProfile: FindProfile | null;
  /** An error that the provider reports later, in the words of the API. Pure. */
  errorOf(error: ProviderError): SendError;
}
