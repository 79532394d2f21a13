import type { RequestOptions, Transport } from "../calls/transport.ts";
import type { DialectName } from "./dialects.ts";

/** A webhook as a receiver saw it, and what it verified it with. */
export interface SignedRequest {
  headers: Readonly<Record<string, string | readonly string[]>>;
  body: string;
  secret: string;
  /** The endpoint's; told from the headers when absent. */
  dialect?: DialectName;
  /** RFC 3339: what the receiver's clock says. */
  now?: string;
}

export interface Diagnosis {
  /** A receiver that does as it should accepts the request. */
  accepted: boolean;
  dialect: DialectName;
  /** What the signature's header should hold for this very body. */
  expected: string | null;
  tolerance_s: number;
  findings: { code: DiagnosisCode; detail: string; advice: string }[];
}

export type DiagnosisCode =
  | "missing_header"
  | "duplicate_header"
  | "other_dialect"
  | "header_case"
  | "unreadable_signature"
  | "prefix_missing"
  | "prefix_unexpected"
  | "wrong_encoding"
  | "upper_case_hex"
  | "wrong_hash"
  | "secret_not_decoded"
  | "secret_decoded"
  | "secret_padded"
  | "signed_content"
  | "body_reserialised"
  | "body_whitespace"
  | "body_misdecoded"
  | "body_missing"
  | "no_match"
  | "timestamp_unreadable"
  | "timestamp_in_milliseconds"
  | "timestamp_too_old"
  | "timestamp_too_new"
  | "secret_differs";

export type Doctor = ReturnType<typeof doctorCall>;

export function doctorCall(call: Transport) {
  /** Says what is wrong with the signature of a webhook. Nothing of it is kept. */
  return (body: SignedRequest, options?: RequestOptions) =>
    call<Diagnosis>({ method: "POST", path: ["doctor"], body, isRepeatable: true, options });
}
