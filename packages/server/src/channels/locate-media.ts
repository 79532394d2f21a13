import type { MediaSource } from "../core/messages/inbound.ts";
import type { MediaFailure } from "../core/messages/media.ts";
import type { DownloadRequest } from "../core/outside/media-download.ts";
import type { ProviderHttp } from "../core/outside/provider-http.ts";
import type { ProviderPlaces, Sender } from "../core/sending/outgoing.ts";

/** Where a file is, and how it is asked for. */
export interface LocatedMedia extends Pick<DownloadRequest, "url" | "headers" | "leaveFor"> {
  readonly kind: "located";
}

export type Located =
  | LocatedMedia
  | { kind: "failed"; failure: MediaFailure /** Another time it may be had. */; isFinal: boolean };

/** Says where a file is that a message names. Asks the provider where it must; never rejects. */
export type LocateMedia = (
  http: ProviderHttp,
  places: ProviderPlaces,
  /** Null where the channel has no credentials that can be used, or is gone. */
  sender: Sender | null,
  source: MediaSource,
) => Promise<Located>;

/** A file that cannot be had at all. */
export function lost(code: MediaFailure["code"], message: string): Located {
  return { kind: "failed", failure: { code, message }, isFinal: true };
}

/** A file that could not be had this time. */
export function notNow(code: MediaFailure["code"], message: string): Located {
  return { kind: "failed", failure: { code, message }, isFinal: false };
}

/** Whether a host is one of these, or below one that begins with a dot. */
export function isAmong(host: string, names: readonly string[]): boolean {
  return names.some((name) => (name.startsWith(".") ? host.endsWith(name) : host === name));
}
