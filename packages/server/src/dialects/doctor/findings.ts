/** What can be wrong with a signed request. Codes are a contract: never renamed. */
export const FINDINGS = {
  missing_header: "Read the headers before anything else does, and by their lower-case names.",
  duplicate_header: "Something on the way has doubled it: look at proxies and frameworks.",
  other_dialect: "Verify as the endpoint's own dialect does, or name the dialect that you mean.",
  header_case: "Frameworks give names in lower case: look them up so.",
  unreadable_signature: "Compare the header as it came, not a part of it.",
  prefix_missing: "Compare with the prefix, or cut it from both sides.",
  prefix_unexpected: "This dialect's header is the bare digest: nothing stands before it.",
  wrong_encoding: "Encode the digest as this dialect does.",
  upper_case_hex: "Write the digest in lower case, or compare bytes instead of letters.",
  wrong_hash: "Use HMAC-SHA256.",
  secret_not_decoded: "The key is what follows whsec_, decoded from base64: 24 to 64 bytes.",
  secret_decoded: "The key is the secret's own letters, as they were shown: nothing is decoded.",
  secret_padded: "Cut spaces and line ends from the secret: they come with copying and from files.",
  signed_content: "Sign exactly what this dialect signs.",
  body_reserialised:
    "Verify the raw body, before any JSON parser has it: parsed and written again it has other bytes.",
  body_whitespace:
    "Verify the raw body: something has cut, added or changed white space at its ends or in its lines.",
  body_misdecoded: "Read the body as bytes or as UTF-8: it was read in another encoding.",
  body_missing: "The body was empty when it was signed or read: was its stream read twice?",
  no_match:
    "It is another endpoint's secret, one that was rotated away, or the body is not the one that was signed.",
  timestamp_unreadable: "webhook-timestamp is whole seconds since 1970.",
  timestamp_in_milliseconds: "webhook-timestamp is in seconds: divide by 1000.",
  timestamp_too_old:
    "The request is old, was replayed by somebody, or this machine's clock is fast: check NTP.",
  timestamp_too_new: "This machine's clock is slow, or the sender's is fast: check NTP.",
  secret_differs: "It is another endpoint's secret, or one that was rotated away.",
} as const satisfies Record<string, string>;

export type FindingCode = keyof typeof FINDINGS;

export interface Finding {
  code: FindingCode;
  /** What was found, in words; never the secret. */
  detail: string;
  /** What helps. */
  advice: string;
}

export function finding(code: FindingCode, detail: string): Finding {
  return { code, detail, advice: FINDINGS[code] };
}
