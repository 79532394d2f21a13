import type { ProviderHttp } from "../core/outside/provider-http.ts";
import type { ProviderPlaces, Sender } from "../core/sending/outgoing.ts";

/** One thing that was looked at, and what is wrong with it in words. */
export interface Finding {
  /** What was looked at: `token`, `subscription`, … */
  check: string;
  /** `unknown`: it could not be found out. */
  state: "ok" | "warning" | "failed" | "unknown";
  detail: string;
  /** What helps; null where nothing is wrong. */
  advice: string | null;
}

/** Asks a channel's provider what usually goes wrong. It changes nothing there. Never rejects. */
export type CheckChannel = (
  http: ProviderHttp,
  places: ProviderPlaces,
  sender: Sender,
) => Promise<Finding[]>;

export function fine(check: string, detail: string): Finding {
  return { check, state: "ok", detail, advice: null };
}

export function bad(check: string, detail: string, advice: string): Finding {
  return { check, state: "failed", detail, advice };
}

export function doubtful(check: string, detail: string, advice: string): Finding {
  return { check, state: "warning", detail, advice };
}

export function unknown(check: string, detail: string): Finding {
  const advice = "Try again later: the provider could not be asked.";
  return { check, state: "unknown", detail, advice };
}
