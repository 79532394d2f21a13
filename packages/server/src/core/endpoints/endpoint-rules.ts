/** How far an endpoint's settings may go. */
export const ENDPOINT_LIMITS = {
  nameLength: 100,
  descriptionLength: 500,
  urlLength: 2048,
  /** Entries of each list that filters. */
  filterEntries: 100,
  retries: 20,
  retryWaitS: 7 * 86_400,
  timeoutMs: 60_000,
  leastTimeoutMs: 100,
  /** Requests a second. */
  rate: 10_000,
  headers: 20,
  headerValueLength: 2048,
  metadataEntries: 50,
  metadataNameLength: 40,
  metadataValueLength: 500,
  /** Of `filter`, as JSON. */
  objectLength: 4096,
  /** Of a certificate chain or a key, in PEM. */
  pemLength: 32_768,
} as const;

/** What HTTP, the dialects or a hop on the way set themselves. */
const TAKEN = new Set([
  "accept-encoding",
  "connection",
  "content-encoding",
  "content-length",
  "content-type",
  "expect",
  "host",
  "keep-alive",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);
const TAKEN_PREFIX = /^(webhook-|proxy-|sec-|x-(chatgenius|chatmefy|dmtolead|genesy|webhook)-)/;
const NAME = /^[a-z0-9!#$%&'*+.^_`|~-]{1,100}$/;
const VALUE = /^[\x20-\x7e]*$/;

/** Why an endpoint may not carry this header of its own, in words, or null. */
export function headerProblem(name: string, value: string): string | null {
  const lower = name.toLowerCase();
  if (!NAME.test(lower)) return "is not the name of a header";
  if (TAKEN.has(lower) || TAKEN_PREFIX.test(lower)) return "is set by Curlew or by HTTP itself";
  if (!VALUE.test(value) || value.trim() !== value)
    return "must be printable ASCII without spaces around it";
  if (value.length > ENDPOINT_LIMITS.headerValueLength) {
    return `is longer than ${ENDPOINT_LIMITS.headerValueLength} characters`;
  }
  return null;
}

/** The first name that stands there twice, whatever its case, or null. */
export function repeatedHeader(names: readonly string[]): string | null {
  const lower = names.map((name) => name.toLowerCase());
  return names.find((_, i) => lower.indexOf(lower[i] ?? "") < i) ?? null;
}

export type EndpointAction = "enable" | "disable" | "pause" | "resume";
export type EndpointStateName = "pending" | "enabled" | "disabled" | "paused";

/**
 * What a person's action makes of an endpoint's state; null when it is not for that state, the same
 * state when there is nothing to do. One that is pending waits for its verification: enabling it
 * runs that first (`afterVerification`), and never skips it.
 *
 *            pending   enabled   disabled  paused
 *   enable   –         ·         enabled   enabled
 *   disable  disabled  disabled  ·         disabled
 *   pause    –         paused    –         ·
 *   resume   –         ·         –         enabled
 */
export function stateAfter(
  action: EndpointAction,
  state: EndpointStateName,
): EndpointStateName | null {
  switch (action) {
    case "enable":
      return state === "pending" ? null : "enabled";
    case "disable":
      return "disabled";
    case "pause":
      return state === "enabled" || state === "paused" ? "paused" : null;
    case "resume":
      return state === "enabled" || state === "paused" ? "enabled" : null;
  }
}

/** The state of a new endpoint, given what its dialect begins with and what was asked for. */
export function firstState(
  initial: EndpointStateName,
  enabled: boolean | undefined,
): EndpointStateName {
  if (enabled === undefined || initial === "pending") return initial;
  return enabled ? "enabled" : "disabled";
}

export interface VerifiableEndpoint {
  state: EndpointStateName;
  stateReason: string | null;
  verifiedAt: number | null;
}

/**
 * What a verification makes of an endpoint that needs one. A failure keeps it, disabled, with the
 * reason in words. Success lets it go on as it was; what waited for nothing else is enabled, and
 * `wish` says what a person wants besides.
 */
export function afterVerification(
  before: VerifiableEndpoint,
  outcome: { verified: boolean; reason: string | null },
  { now, wish }: { now: number; wish: "enabled" | "disabled" | null },
): VerifiableEndpoint & { disabledBy: "user" | null } {
  if (!outcome.verified) {
    const stateReason = `Verification failed. ${outcome.reason ?? ""}`.trim();
    return { state: "disabled", stateReason, disabledBy: "user", verifiedAt: null };
  }
  const hasFailed =
    before.state === "disabled" && before.verifiedAt === null && before.stateReason !== null;
  const state = wish ?? (before.state === "pending" || hasFailed ? "enabled" : before.state);
  const disabledBy = state === "disabled" ? "user" : null;
  return { state, stateReason: null, disabledBy, verifiedAt: now };
}
