import type { MediaFailure, MediaFailureCode } from "../../core/messages/media.ts";
import type { Downloaded } from "../../core/outside/media-download.ts";

/** Programs: nobody's customer has a reason to pass one on. */
const PROGRAMS: ReadonlySet<string> = new Set([
  "application/x-msdownload",
  "application/vnd.microsoft.portable-executable",
  "application/x-elf",
  "application/x-mach-binary",
  "application/x-ms-shortcut",
  "application/x.ms.shortcut",
  "application/x-apple-diskimage",
  "application/vnd.android.package-archive",
  "application/x-deb",
  "application/x-rpm",
]);

/** Why a file cannot be had; another time it may, unless that is final. */
export interface NotHad {
  kind: "failed";
  failure: MediaFailure;
  isFinal: boolean;
}

/** Why a file is not passed on, by what it is and the type of the content that it belongs to; null where it is. */
export function refusalOf(mime: string, kind: string | null): NotHad | null {
  if (PROGRAMS.has(mime)) {
    return notHad("type_refused", `The file is a program (${mime}): it is not kept.`, true);
  }
  if (mime === "text/html" && kind !== "document") {
    // What a host shows to people whom it does not let in.
    return notHad("unreadable", "The provider gave a web page instead of the file.", false);
  }
  return null;
}

export function whyNot(
  downloaded: Exclude<Downloaded, { kind: "done" }>,
  maxBytes: number,
): NotHad {
  switch (downloaded.kind) {
    case "too_large":
      return notHad("too_large", `The file is larger than ${maxBytes} bytes.`, true);
    case "refused":
      return notHad(
        "address_refused",
        `The file is said to be at ${downloaded.host}, which is not the provider's.`,
        true,
      );
    case "failed":
      return notHad("unreachable", `The file could not be had: ${downloaded.detail}.`, false);
    case "answered": {
      const { status } = downloaded;
      if (status === 401) {
        return notHad("credentials_refused", "The provider refuses the credentials.", false);
      }
      // Links to files die by time or with what they belong to.
      const isGone = status === 403 || status === 404 || status === 410;
      return isGone
        ? notHad("expired", `The provider does not have the file any more (${status}).`, true)
        : notHad("unreachable", `The provider answered with ${status}.`, false);
    }
  }
}

export function notHad(code: MediaFailureCode, message: string, isFinal: boolean): NotHad {
  return { kind: "failed", failure: { code, message }, isFinal };
}
