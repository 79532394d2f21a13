import { must } from "./fill.ts";
import type { House, Visit, Visitor } from "./house.ts";

export const PASSWORD = "another long sentence";
export type Role = "owner" | "developer" | "agent" | "read_only";

export interface Invited {
  name: string;
  email: string;
  /** Of the session, as the browser would send it. */
  cookie: string;
}

/** Somebody who was invited with a role and has come. */
export async function inviteAs(
  { server }: Pick<House, "server">,
  role: Role,
  name: string,
): Promise<Invited> {
  const email = `${name.toLowerCase().replaceAll(/\W+/g, ".")}@tidewater.example`;
  const { token } = await must(server, "POST", "/invitations", { email, role });
  const response = await fetch(`${server.url}/auth/accept-invitation`, {
    method: "POST",
    headers: { "content-type": "application/json", origin: server.url },
    body: JSON.stringify({ token, name, password: PASSWORD }),
  });
  if (!response.ok) throw new Error(await response.text());
  const set = response.headers.getSetCookie().find((each) => each.startsWith("curlew="));
  return { name, email, cookie: set?.slice("curlew=".length).split(";")[0] ?? "" };
}

/** A browser of theirs. */
export async function visitAs(
  house: House,
  { cookie }: Invited,
  options: Visit = {},
): Promise<Visitor> {
  const visitor = await house.visit({ ...options, signedIn: false });
  await visitor.context.addCookies([{ name: "curlew", value: cookie, url: house.server.url }]);
  return visitor;
}
