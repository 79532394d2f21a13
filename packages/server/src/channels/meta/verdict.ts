import type { ProviderError } from "../../core/messages/inbound.ts";
import type { Pace, RefusalClass, SendError } from "../../core/sending/send-outcome.ts";

/** What we make of one of Meta's error codes. */
export interface Verdict {
  class: RefusalClass;
  /** Our own word, which a client may switch on. */
  code: string;
  advice: string;
  /** How to come back (class `retry`). */
  pace: Pace;
  /** The limit is the whole channel's: everything else of it waits too. */
  restsChannel: boolean;
  /** How long the channel stands still (class `slow`), or null where only a person can mend it. */
  pauseMs: number | null;
}

/** What a code asks for; null for one that is not known, which is never taken for a licence to repeat. */
export type VerdictOn = (code: number, subcode: number | null) => Verdict | null;

const HOUR_MS = 3_600_000;

export const retry = (
  code: string,
  advice: string,
  { pace = "backoff", restsChannel = false }: Partial<Pick<Verdict, "pace" | "restsChannel">> = {},
) => verdict("retry", code, advice, { pace, restsChannel });
export const pause = (code: string, advice: string) => verdict("pause_channel", code, advice);
export const refuse = (kind: RefusalClass, code: string, advice: string) =>
  verdict(kind, code, advice);
export const slow = (code: string, advice: string) =>
  verdict("slow", code, advice, { restsChannel: true, pauseMs: HOUR_MS });

function verdict(
  kind: RefusalClass,
  code: string,
  advice: string,
  more: Partial<Verdict> = {},
): Verdict {
  const base = { pace: "backoff", restsChannel: false, pauseMs: null } as const;
  return { ...base, class: kind, code, advice, ...more };
}

export const TOO_FAST = "Curlew slows down and sends again by itself.";
export const UNWELL = "Meta has trouble; Curlew sends again by itself.";
export const TOKEN = "Give the channel a new access token; what waits is sent then.";

/** Codes that mean the same all over Meta's Graph API; `permission` says which one a product needs. */
export const graphVerdicts = (permission: string): [code: number, Verdict][] => [
  [1, retry("provider_unavailable", UNWELL, { pace: "once" })],
  [2, retry("provider_unavailable", UNWELL)],
  [4, retry("rate_limited", TOO_FAST, { restsChannel: true })],
  [613, retry("rate_limited", TOO_FAST, { restsChannel: true })],
  [368, slow("policy_blocked", "Meta has blocked this account for a while for its policies.")],
  [0, pause("channel_unauthorized", TOKEN)],
  [190, pause("channel_unauthorized", TOKEN)],
  [3, pause("channel_forbidden", permission)],
  [10, pause("channel_forbidden", permission)],
];

/** 200 to 299 all say that a permission is missing. */
export function isPermissionCode(code: number): boolean {
  return code >= 200 && code <= 299;
}

/** An error of Meta's in the words of the API: in the answer of a send or in a status that came later. */
export function sendErrorWith(known: Verdict | null, error: ProviderError): SendError {
  return {
    code: known?.code ?? "provider_refused",
    provider_code: error.code === null ? null : String(error.code),
    message: error.message ?? error.title ?? "The provider gave no reason.",
    details: error.details,
    retryable: known?.class === "retry" || known?.class === "slow",
    advice: known?.advice ?? null,
  };
}
