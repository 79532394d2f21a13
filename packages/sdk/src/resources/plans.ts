import { wholeList } from "../calls/page.ts";
import type { RequestOptions, Transport } from "../calls/transport.ts";

/** What a plan, or an add-on, gives. */
export type Feature = "webhooks" | "send" | "sms" | "whatsapp";

/** What a workspace may do and how much. */
export interface Plan {
  name: string;
  /** What people call it. */
  title: string;
  features: Feature[];
  /** How many; null for any number. */
  endpoints: number | null;
  /** In a calendar month (UTC); null for any number. */
  sms_per_month: number | null;
}

export interface PlanDraft {
  title: string;
  features: readonly Feature[];
  endpoints: number | null;
  sms_per_month?: number | null;
}

/** What a workspace has of its plan, and has used. */
export interface Usage {
  plan: string;
  plan_title: string;
  /** By the plan or an add-on. */
  features: Feature[];
  add_ons: Feature[];
  trial_ends_at: string | null;
  endpoints: { used: number; limit: number | null };
  /** Sent in this calendar month (UTC): calls that Twilio took, and their segments. */
  sms: { used: number; limit: number | null; segments: number; resets_at: string };
}

export type Plans = ReturnType<typeof planCalls>;

export function planCalls(call: Transport) {
  const at = (name: string) => ["plans", name];
  return {
    list: (options?: RequestOptions) => wholeList<Plan>(call, { path: ["plans"], options }),
    /** Makes or changes one; for the instance's admin key. */
    put: (name: string, body: PlanDraft, options?: RequestOptions) =>
      call<Plan>({ method: "PUT", path: at(name), body, options }),
    /** One that no workspace has. */
    delete: (name: string, options?: RequestOptions) =>
      call<void>({ method: "DELETE", path: at(name), options }),
  };
}

/** What a workspace has of its plan, and has used. */
export function usageCall(call: Transport) {
  return (options?: RequestOptions) => call<Usage>({ method: "GET", path: ["usage"], options });
}
