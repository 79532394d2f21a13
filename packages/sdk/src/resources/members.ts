import { wholeList } from "../calls/page.ts";
import type { RequestOptions, Transport } from "../calls/transport.ts";

export type Role = "owner" | "developer" | "agent" | "read_only";

/** Who asks: the admin, a key, or somebody who has signed in. */
export interface Me {
  kind: "admin" | "key" | "member";
  /** Null for a key. */
  person: { id: string; name: string; email: string } | null;
  /** The one that requests act on. */
  workspace: { id: string; name: string };
  /** Where the person is a member. */
  workspaces: { id: string; name: string; role: Role }[];
  scopes: string[];
  is_operator: boolean;
}

/** Somebody who may sign in to a workspace. */
export interface Member {
  id: string;
  name: string;
  email: string;
  role: Role;
  /** Signs in with a second factor. */
  two_factor: boolean;
  created_at: string;
}

export interface Invitation {
  id: string;
  email: string;
  role: Role;
  created_at: string;
  expires_at: string;
}

/** `token` is shown here and never again; it counts once. */
export type NewInvitation = Invitation & { token: string };

export type Members = ReturnType<typeof memberCalls>;

export function memberCalls(call: Transport) {
  const at = (id: string) => ["members", id];
  return {
    list: (options?: RequestOptions) => wholeList<Member>(call, { path: ["members"], options }),
    update: (id: string, body: { role: Role }, options?: RequestOptions) =>
      call<Member>({ method: "PATCH", path: at(id), body, options }),
    remove: (id: string, options?: RequestOptions) =>
      call<void>({ method: "DELETE", path: at(id), options }),
  };
}

export type Invitations = ReturnType<typeof invitationCalls>;

export function invitationCalls(call: Transport) {
  const path = ["invitations"];
  return {
    create: (body: { email: string; role: Role }, options?: RequestOptions) =>
      call<NewInvitation>({ method: "POST", path, body, options }),
    list: (options?: RequestOptions) => wholeList<Invitation>(call, { path, options }),
    withdraw: (id: string, options?: RequestOptions) =>
      call<void>({ method: "DELETE", path: [...path, id], options }),
  };
}

/** Who asks. */
export function meCall(call: Transport) {
  return (options?: RequestOptions) => call<Me>({ method: "GET", path: ["me"], options });
}
