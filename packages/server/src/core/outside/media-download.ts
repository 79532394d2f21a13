/** What may be done with an address that a provider names, or redirects to. */
export type AddressLeave =
  /** Not one of the provider's: nothing is sent there. */
  | "refused"
  /** Fetched without credentials. */
  | "bare"
  | "with_credentials";

export interface DownloadRequest {
  readonly url: string;
  /** Sent only where `leaveFor` says so. */
  readonly headers: Readonly<Record<string, string>>;
  /** Asked for the address and for each that it redirects to. */
  leaveFor(url: URL): AddressLeave;
  readonly maxBytes: number;
  /** For everything together. */
  readonly deadlineMs: number;
  readonly signal?: AbortSignal;
}

export type Downloaded =
  | {
      kind: "done";
      /** Hex. */
      sha256: string;
      bytes: number;
      /** `Content-Type` of the answer. */
      declared: string | null;
    }
  | { kind: "answered"; status: number }
  | { kind: "too_large" }
  | { kind: "refused"; host: string }
  | { kind: "failed"; detail: string };

export type Opened =
  | {
      kind: "open";
      /** `Content-Type` of the answer. */
      declared: string | null;
      /** `Content-Length` of the answer, where it says one. */
      bytes: number | null;
      /** Fails where more comes than `maxBytes`, or too late. Whoever does not read it to its end returns it. */
      body: AsyncGenerator<Uint8Array>;
    }
  | Exclude<Downloaded, { kind: "done" }>;

/** Fetches without keeping anything. Never rejects. */
export type OpenDownload = (request: DownloadRequest) => Promise<Opened>;

/** Fetches into a file at `path`, which it makes. Never rejects; what it leaves after a failure is no file. */
export type Download = (request: DownloadRequest, path: string) => Promise<Downloaded>;
