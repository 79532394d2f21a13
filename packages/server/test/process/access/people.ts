import { ROLES, type Role } from "../../../src/core/workspaces/roles.ts";
import type { Try } from "../../support/api/trespass.ts";
import type { ServerProcess } from "../../support/processes/server-process.ts";

const PASSWORD = "long enough for a test";

/** Somebody of each role in the first workspace, by the cookie that their browser has. */
export async function signInAll(server: ServerProcess): Promise<ReadonlyMap<Role, string>> {
  const enter = async (path: string, body: object): Promise<string> => {
    const response = await fetch(`${server.url}/auth/${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", origin: server.url },
      body: JSON.stringify({ name: "Shared", password: PASSWORD, ...body }),
    });
    if (!response.ok) throw new Error(await response.text());
    const [cookie = ""] = response.headers.getSetCookie();
    return cookie.split(";")[0] ?? "";
  };
  const cookies = new Map<Role, string>();
  cookies.set("owner", await enter("first-owner", { email: "owner@curlew.test" }));
  for (const role of ROLES.filter((each) => each !== "owner")) {
    const invitation = { email: `${role}@curlew.test`, role };
    const { body } = await server.call("POST", "/invitations", invitation);
    cookies.set(role, await enter("accept-invitation", { token: body.token }));
  }
  return cookies;
}

/** Requests about what belongs to a workspace as a whole. */
export async function sharedLeads(server: ServerProcess): Promise<Try[]> {
  const described = { description: "Shared", schema: null, example: null };
  await server.call("PUT", "/event-types/shared.thing", described);
  const invitation = { email: "shared@curlew.test", role: "agent" };
  const { body: invited } = await server.call("POST", "/invitations", invitation);
  const { body: members } = await server.call("GET", "/members");
  const member = `/v1/members/${members.data[0].id}`;
  return [
    { name: "getEventType", method: "GET", path: "/v1/event-types/shared.thing" },
    { name: "deleteEventType", method: "DELETE", path: "/v1/event-types/shared.thing" },
    { name: "updateMember", method: "PATCH", path: member, body: { role: "agent" } },
    { name: "removeMember", method: "DELETE", path: member },
    { name: "withdrawInvitation", method: "DELETE", path: `/v1/invitations/${invited.id}` },
  ];
}
