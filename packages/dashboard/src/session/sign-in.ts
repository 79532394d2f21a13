import { asRefused, refusedBy } from "../api/problem.ts";
import { noteSignedIn } from "../api/renewal.ts";

/** How far somebody has come through the door. */
export type Entrance = { step: "in" } | { step: "second-factor" };

export interface DoorState {
  needs_owner: boolean;
  needs_admin_key: boolean;
}

export function doorState(): Promise<DoorState> {
  return ask("state");
}

export async function signIn(given: { email: string; password: string }): Promise<Entrance> {
  return entranceOf(await ask("sign-in/email", given));
}

export async function createOwner(given: {
  name: string;
  email: string;
  password: string;
  admin_key?: string;
}): Promise<Entrance> {
  return entranceOf(await ask("first-owner", given));
}

export async function acceptInvitation(given: {
  token: string;
  name: string;
  password: string;
}): Promise<Entrance> {
  return entranceOf(await ask("accept-invitation", given));
}

export async function verifyCode(given: {
  code: string;
  isBackup: boolean;
  trustDevice: boolean;
}): Promise<void> {
  const { code, isBackup, trustDevice } = given;
  await ask(isBackup ? "two-factor/verify-backup-code" : "two-factor/verify-totp", {
    code,
    trustDevice,
  });
}

/** Signs out, and leads to the door. */
export async function leave(): Promise<void> {
  await ask("sign-out", {});
  noteSignedIn(false);
  location.assign("/");
}

/** As somebody who has signed in: answers the workspace that they are a member of now. */
export async function joinWorkspace(token: string): Promise<string> {
  return (await ask<{ workspace_id: string }>("accept-invitation", { token })).workspace_id;
}

/** A request to `/auth`; with a body it is a POST. Throws `Refused`. */
export async function ask<T>(path: string, body?: object): Promise<T> {
  const response = await fetch(
    `/auth/${path}`,
    body === undefined
      ? {}
      : {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify(body),
        },
  ).catch((error: unknown) => {
    throw asRefused(error);
  });
  const said: unknown = await response.json().catch(() => null);
  if (!response.ok) throw refusedBy(response, said);
  return said as T; // our own server's, read by the one who asked
}

function entranceOf(said: { twoFactorRedirect?: boolean } | null): Entrance {
  return said?.twoFactorRedirect === true ? { step: "second-factor" } : { step: "in" };
}
