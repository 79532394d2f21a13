import type { InboundConsent } from "../../core/messages/inbound.ts";
import { type Form, textAt } from "./form.ts";

/** Words that Twilio takes for a wish when they are the whole message; REVOKE and OPTOUT since 2025. */
const STOP: ReadonlySet<string> = new Set([
  "STOP",
  "STOPALL",
  "UNSUBSCRIBE",
  "CANCEL",
  "END",
  "QUIT",
  "REVOKE",
  "OPTOUT",
]);
const START: ReadonlySet<string> = new Set(["START", "YES", "UNSTOP"]);

export type Consent = Pick<InboundConsent, "change" | "topic" | "keyword" | "evidence">;

/**
 * Whether the message says that its sender wants, or does not want, to be written to. Twilio says so
 * itself where a messaging service handles opt-outs (`OptOutType`, also for keywords of the customer's
 * own); everywhere else its standard words count.
 */
export function consentOf(form: Form): Consent | null {
  const body = (form.get("Body")?.[0] ?? "").trim();
  const word = body.toUpperCase();
  const told = textAt(form, "OptOutType")?.toUpperCase() ?? null;
  const change = told === null ? changeByWord(word) : changeByType(told);
  if (change === null) return null;
  const evidence = told === null ? null : `OptOutType ${told}`;
  return { change, topic: null, keyword: body.slice(0, 100), evidence };
}

function changeByType(type: string): Consent["change"] | null {
  if (type === "STOP") return "opted_out";
  return type === "START" ? "opted_in" : null;
}

function changeByWord(word: string): Consent["change"] | null {
  if (STOP.has(word)) return "opted_out";
  return START.has(word) ? "opted_in" : null;
}
