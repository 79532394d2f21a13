import type { IdentityName } from "../core/messages/inbound.ts";
import type { ProviderHttp } from "../core/outside/provider-http.ts";
import type { ProviderPlaces, Sender } from "../core/sending/outgoing.ts";

/** What a provider says of somebody who has written. */
export type FoundProfile =
  | { kind: "found"; name: string | null; username: string | null }
  /** It will not say, now or later. */
  | { kind: "untold" }
  /** It may say another time. */
  | { kind: "later"; reason: string };

/** Asks a provider who somebody is, whom its payloads do not name. Never rejects. */
export type FindProfile = (
  http: ProviderHttp,
  places: ProviderPlaces,
  sender: Sender,
  person: IdentityName,
  deadlineMs: number,
) => Promise<FoundProfile>;
