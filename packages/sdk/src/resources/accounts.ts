import { listCalls } from "../calls/page.ts";
import type { RequestOptions, Transport } from "../calls/transport.ts";
import type { OwnSettings, SettingsChange } from "./settings.ts";

/** An agency's client inside a workspace: it owns channels. */
export interface Account {
  id: string;
  serial: number;
  name: string;
  /** What you call it yourself. */
  external_id: string | null;
  settings: OwnSettings;
  created_at: string;
}

export interface AccountDraft {
  name: string;
  /** What you call it yourself. */
  external_id?: string | null;
  settings?: SettingsChange;
}

export type Accounts = ReturnType<typeof accountCalls>;

export function accountCalls(call: Transport) {
  const path = ["accounts"];
  return {
    create: (body: AccountDraft, options?: RequestOptions) =>
      call<Account>({ method: "POST", path, body, options }),
    ...listCalls<Account>(call, path),
    get: (id: string, options?: RequestOptions) =>
      call<Account>({ method: "GET", path: [...path, id], options }),
    update: (id: string, body: Partial<AccountDraft>, options?: RequestOptions) =>
      call<Account>({ method: "PATCH", path: [...path, id], body, options }),
    /** One that has neither channels nor endpoints; its keys are revoked. */
    delete: (id: string, options?: RequestOptions) =>
      call<void>({ method: "DELETE", path: [...path, id], options }),
  };
}
