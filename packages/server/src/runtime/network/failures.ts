import { errors } from "undici";

/** Why a request got no answer. `reset`: the other side broke off; `closed`: we did. */
export type FailureKind =
  | "blocked_address"
  | "dns"
  | "connect"
  | "tls"
  | "timeout"
  | "reset"
  | "closed"
  /** No access token was to be had. */
  | "auth"
  | "protocol"
  | "other";

/** A connection was not made; nothing of a request was written to it. */
export class ConnectError extends Error {
  readonly kind: FailureKind;

  constructor(kind: FailureKind, detail: string, cause?: unknown) {
    super(detail, { cause });
    this.kind = kind;
  }
}

const CONNECT_WORDS: Record<string, string> = {
  ECONNREFUSED: "the connection was refused",
  EHOSTUNREACH: "the host cannot be reached",
  ENETUNREACH: "the network cannot be reached",
  EADDRNOTAVAIL: "no local address or port is free",
  ETIMEDOUT: "the connection was not answered",
  ECONNRESET: "the connection was reset while it was being made",
  EMFILE: "too many open files",
};

const TLS_WORDS: Record<string, string> = {
  CERT_HAS_EXPIRED: "the certificate has expired",
  CERT_NOT_YET_VALID: "the certificate is not valid yet",
  CERT_REVOKED: "the certificate was revoked",
  DEPTH_ZERO_SELF_SIGNED_CERT: "the certificate is self-signed",
  SELF_SIGNED_CERT_IN_CHAIN: "the certificate chain ends in a self-signed certificate",
  UNABLE_TO_GET_ISSUER_CERT: "the certificate chain is incomplete",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "the certificate chain is incomplete",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "the certificate chain is incomplete",
  ERR_TLS_CERT_ALTNAME_INVALID: "the certificate is for another host name",
  ERR_SSL_WRONG_VERSION_NUMBER: "the other side does not speak TLS",
  ERR_SSL_PACKET_LENGTH_TOO_LONG: "the other side does not speak TLS",
  ECONNRESET: "the connection was closed during the TLS handshake",
};

/** What OpenSSL has against a certificate and Node has no name for; its message is OpenSSL's own, of a fixed list. */
const UNNAMED = "UNSPECIFIED";

/** What went wrong while a connection was being made, in words that tell no address. */
export function connectFailure(phase: "dns" | "connect" | "tls", error: unknown): ConnectError {
  if (error instanceof ConnectError) return error;
  const code = codeOf(error);
  const words =
    phase === "tls" && code === UNNAMED
      ? `the certificate was refused: ${messageOf(error)}`
      : connectWords(phase, code);
  return new ConnectError(phase, words, error);
}

/** Our words for what ended a request that was under way. */
export function describeFailure(error: unknown): { error: FailureKind; detail: string } {
  if (error instanceof ConnectError) return { error: error.kind, detail: error.message };
  const code = codeOf(error);
  switch (code) {
    case "ECONNRESET":
    case "EPIPE":
    case "ECONNABORTED":
    case "ETIMEDOUT":
      return { error: "reset", detail: `the connection was lost (${code})` };
    case "UND_ERR_SOCKET":
      return isBadAnswer(error)
        ? { error: "protocol", detail: "the answer is not one to this request" }
        : { error: "reset", detail: "the other side closed the connection" };
    case "UND_ERR_HEADERS_OVERFLOW":
      return { error: "protocol", detail: "the headers of the answer are too long" };
    case "UND_ERR_RES_CONTENT_LENGTH_MISMATCH":
      return { error: "protocol", detail: "the answer is not as long as it says" };
    case "UND_ERR_DESTROYED":
    case "UND_ERR_CLOSED":
      return { error: "closed", detail: "the connections to this target have been closed" };
    case "UND_ERR_INVALID_ARG":
    case "UND_ERR_NOT_SUPPORTED":
      return { error: "other", detail: `the request cannot be sent: ${messageOf(error)}` };
  }
  if (error instanceof errors.HTTPParserError) {
    return { error: "protocol", detail: "the answer is not HTTP/1.1" };
  }
  return { error: "other", detail: code === "" ? "an unexpected error" : `unexpected: ${code}` };
}

function connectWords(phase: "dns" | "connect" | "tls", code: string): string {
  const suffix = code === "" ? "" : ` (${code})`;
  if (phase === "dns") return `the host name has no address${suffix}`;
  if (phase === "tls") return `${TLS_WORDS[code] ?? "the TLS handshake failed"}${suffix}`;
  return `${CONNECT_WORDS[code] ?? "the connection could not be made"}${suffix}`;
}

/** undici's names for an answer that nobody asked for and for an unasked switch of protocols. */
function isBadAnswer(error: unknown): boolean {
  return messageOf(error) === "bad response" || messageOf(error) === "bad upgrade";
}

function codeOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : "";
  return typeof code === "string" ? code : "";
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : "";
}
