import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { publicId } from "../../src/core/ids.ts";
import { insertWorkspace } from "../../src/storage/workspaces/workspaces.ts";
import { OWNER, openSignInHouse, type SignInHouse } from "../support/api/sign-in-house.ts";

let house: SignInHouse;
beforeEach(async () => {
  house = await openSignInHouse();
});
afterEach(() => house.close());

/** A browser in which the owner has signed in. */
async function owner() {
  const ask = house.browser();
  expect((await ask("POST", "/auth/first-owner", OWNER)).status).toBe(200);
  return ask;
}

/** A browser of somebody who was invited with a role and has come. */
async function invited(by: Awaited<ReturnType<typeof owner>>, role: string) {
  const email = `${role}@curlew.test`;
  const invitation = await by("POST", "/v1/invitations", { email, role });
  expect(invitation.status).toBe(201);
  const ask = house.browser();
  const { token } = invitation.body;
  const person = { token, name: role, password: "another long one" };
  expect((await ask("POST", "/auth/accept-invitation", person)).status).toBe(200);
  return ask;
}

describe("the first start", () => {
  test("lets the first who comes make the owner's account, and nobody after", async () => {
    const ask = house.browser();
    const state = { needs_owner: true, needs_admin_key: false };
    expect((await ask("GET", "/auth/state")).body).toEqual(state);
    expect((await ask("GET", "/v1/me")).status).toBe(401);
    await ask("POST", "/auth/first-owner", OWNER);
    expect((await ask("GET", "/v1/me")).body).toMatchObject({
      kind: "member",
      person: { name: "Ann", email: OWNER.email },
      is_operator: true,
      workspace: { id: publicId("ws", house.workspace.id), name: "Default" },
      workspaces: [{ role: "owner" }],
    });
    const second = { ...OWNER, email: "eve@curlew.test" };
    expect(await house.browser()("POST", "/auth/first-owner", second)).toMatchObject({
      status: 409,
      body: { code: "conflict" },
    });
    expect((await ask("GET", "/auth/state")).body.needs_owner).toBe(false);
  });

  test("has one owner, however many come at the same time", async () => {
    const answers = await Promise.all(
      ["a", "b", "c"].map((name) =>
        house.browser()("POST", "/auth/first-owner", { ...OWNER, email: `${name}@curlew.test` }),
      ),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(await house.rows("select from member")).toHaveLength(1);
  });

  test("holds nothing while a password is hashed, however long that takes", async () => {
    await house.close();
    let hashed = 0;
    house = await openSignInHouse({
      onHash: async () => {
        hashed++;
        // Refused at once where a transaction has what it would take.
        await house.connections.transaction(async (tx) => {
          await tx.query(
            "lock table person, invitation, member in share row exclusive mode nowait",
          );
        });
      },
    });
    await invited(await owner(), "agent");
    expect(hashed).toBe(2);
  });

  test("asks for the admin key where others can reach the server", async () => {
    await house.close();
    house = await openSignInHouse({ isLocal: false });
    const ask = house.browser();
    expect((await ask("GET", "/auth/state")).body.needs_admin_key).toBe(true);
    expect((await ask("POST", "/auth/first-owner", OWNER)).status).toBe(401);
    const wrong = { ...OWNER, admin_key: "a guess" };
    expect((await ask("POST", "/auth/first-owner", wrong)).status).toBe(401);
    const right = { ...OWNER, admin_key: "the-admin-key" };
    expect((await ask("POST", "/auth/first-owner", right)).status).toBe(200);
  });

  test("asks for it too when a page elsewhere has had its name lead here", async () => {
    const elsewhere = house.browser("http://evil.example", "http://evil.example");
    expect((await elsewhere("GET", "/auth/state")).body.needs_admin_key).toBe(true);
    expect((await elsewhere("POST", "/auth/first-owner", OWNER)).status).toBe(401);
  });

  test.each<Record<string, string>>([
    { "x-forwarded-for": "203.0.113.7" },
    { "x-forwarded-proto": "https" },
    { "x-real-ip": "203.0.113.7" },
    { forwarded: "for=203.0.113.7" },
    { via: "1.1 proxy" },
  ])(
    "asks for it too when a proxy on this machine has brought the request: %j",
    async (headers) => {
      const ask = house.browser();
      const state = { needs_owner: true, needs_admin_key: true };
      expect((await ask("GET", "/auth/state", undefined, headers)).body).toEqual(state);
      expect((await ask("POST", "/auth/first-owner", OWNER, headers)).status).toBe(401);
      const known = { ...OWNER, admin_key: "the-admin-key" };
      expect((await ask("POST", "/auth/first-owner", known, headers)).status).toBe(200);
    },
  );

  test("asks for it too over HTTP/1.0, which proxies speak and browsers do not", async () => {
    const answer = await house.app.request(
      "http://localhost:8400/auth/state",
      {},
      { incoming: { socket: { remoteAddress: "127.0.0.1" }, httpVersion: "1.0" } },
    );
    expect(await answer.json()).toMatchObject({ needs_admin_key: true });
  });

  test("says what is wrong with an account, field by field", async () => {
    const ask = house.browser();
    expect(
      await ask("POST", "/auth/first-owner", {
        name: "A\0nn",
        email: "ann",
        password: "short",
        x: 1,
      }),
    ).toMatchObject({
      status: 422,
      body: {
        code: "invalid_request",
        errors: [
          { pointer: "/name" },
          { pointer: "/email" },
          { pointer: "/password" },
          { pointer: "/x" },
        ],
      },
    });
  });
});

describe("signing in", () => {
  test("takes the right password and refuses a wrong one and an unknown address alike", async () => {
    await owner();
    const ask = house.browser();
    const wrong = await ask("POST", "/auth/sign-in/email", { ...OWNER, password: "not this one" });
    const unknown = await ask("POST", "/auth/sign-in/email", { ...OWNER, email: "x@curlew.test" });
    expect(wrong).toMatchObject({ status: 401, body: { code: "sign_in_refused" } });
    expect({ ...unknown.body, request_id: "" }).toEqual({ ...wrong.body, request_id: "" });
    const { email, password } = OWNER;
    const right = await ask("POST", "/auth/sign-in/email", { email, password });
    expect(right.status).toBe(200);
    expect(right.headers.get("set-cookie")).toMatch(/^curlew=.*HttpOnly; SameSite=Lax/i);
    expect((await ask("GET", "/v1/me")).status).toBe(200);
    await ask("POST", "/auth/sign-out", {});
    expect((await ask("GET", "/v1/me")).status).toBe(401);
  });

  test("keeps no password, only argon2's hash of it", async () => {
    await owner();
    const [kept] = await house.rows<{ password: string }>("select password from credential");
    expect(kept?.password).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  });

  test("is slowed down for whoever guesses", async () => {
    await owner();
    const ask = house.browser();
    const guess = { email: OWNER.email, password: "a wrong guess" };
    const statuses: number[] = [];
    for (let n = 0; n < 12; n++) {
      const answer = await ask("POST", "/auth/sign-in/email", guess);
      statuses.push(answer.status);
    }
    expect(statuses).toContain(429);
  });

  test("cannot be had by signing up: that way is closed", async () => {
    await owner();
    expect((await house.browser()("POST", "/auth/sign-up/email", OWNER)).status).toBe(404);
    expect((await house.browser()("POST", "/auth/forget-password", OWNER)).status).toBe(404);
  });

  test("can be looked over, and ended elsewhere, however long ago it was", async () => {
    const ask = await owner();
    const elsewhere = house.browser();
    const { email, password } = OWNER;
    await elsewhere("POST", "/auth/sign-in/email", { email, password });
    await house.rows("update sign_in set created_at = created_at - interval '3 days'");
    const sessions = (await ask("GET", "/auth/list-sessions")).body;
    expect(sessions).toHaveLength(2);
    const mine = (await ask("GET", "/auth/get-session")).body.session.id;
    const other = sessions.find(({ id }: { id: string }) => id !== mine);
    const ended = await ask("POST", "/auth/revoke-session", { token: other.token });
    expect(ended.status).toBe(200);
    expect((await elsewhere("GET", "/v1/me")).status).toBe(401);
    expect((await ask("GET", "/v1/me")).status).toBe(200);
  });

  test("is answered for the browser alone: nobody on the way keeps it", async () => {
    const ask = await owner();
    for (const path of ["state", "get-session", "list-sessions"]) {
      const { headers } = await ask("GET", `/auth/${path}`);
      expect(headers.get("cache-control"), path).toBe("no-store");
      expect(headers.get("x-content-type-options"), path).toBe("nosniff");
      expect(headers.get("x-request-id"), path).toMatch(/^req_/);
    }
    const { email, password } = OWNER;
    const { headers } = await house.browser()("POST", "/auth/sign-in/email", { email, password });
    expect(headers.get("cache-control")).toBe("no-store");
    expect(headers.getSetCookie()).toEqual([expect.stringMatching(/^curlew=.*HttpOnly/)]);
  });

  test("takes a new password for the old one, and can end what is signed in elsewhere", async () => {
    const ask = await owner();
    const elsewhere = house.browser();
    const { email, password } = OWNER;
    await elsewhere("POST", "/auth/sign-in/email", { email, password });
    const change = { newPassword: "another long sentence", revokeOtherSessions: true };
    const wrong = { ...change, currentPassword: "not this one" };
    expect((await ask("POST", "/auth/change-password", wrong)).status).toBe(422);
    const right = { ...change, currentPassword: password };
    expect((await ask("POST", "/auth/change-password", right)).status).toBe(200);
    expect((await ask("GET", "/v1/me")).status).toBe(200);
    expect((await elsewhere("GET", "/v1/me")).status).toBe(401);
    expect((await elsewhere("POST", "/auth/sign-in/email", { email, password })).status).toBe(401);
  });

  test("counts beside a proxy's password, and not beside a key", async () => {
    const ask = await owner();
    const me = async (authorization: string) =>
      (await ask("GET", "/v1/me", undefined, { authorization })).status;
    expect(await me("Basic dXNlcjpwYXNz")).toBe(200);
    expect(await me("Bearer no-key")).toBe(401);
    expect(await me("Bearer")).toBe(401);
  });

  test("from another site's page is of no use: its writes are refused", async () => {
    const ask = await owner();
    const elsewhere = { origin: "https://evil.example" };
    const refused = await ask("POST", "/v1/accounts", { name: "x" }, elsewhere);
    expect(refused).toMatchObject({ status: 403, body: { code: "forbidden" } });
    expect((await ask("POST", "/v1/accounts", { name: "x" })).status).toBe(201);
    const cookieless = house.browser(null);
    expect((await cookieless("POST", "/v1/accounts", { name: "x" })).status).toBe(401);
  });
});

describe("a role", () => {
  test("opens what it is for, and nothing else", async () => {
    const ann = await owner();
    const developer = await invited(ann, "developer");
    const agent = await invited(ann, "agent");
    const reader = await invited(ann, "read_only");
    expect((await developer("POST", "/v1/accounts", { name: "x" })).status).toBe(201);
    expect((await agent("POST", "/v1/accounts", { name: "x" })).status).toBe(403);
    expect((await reader("POST", "/v1/accounts", { name: "x" })).status).toBe(403);
    for (const ask of [developer, agent, reader]) {
      expect((await ask("GET", "/v1/accounts")).status).toBe(200);
      expect((await ask("GET", "/v1/members")).status).toBe(200);
      const invitation = { email: "x@curlew.test", role: "owner" };
      expect((await ask("POST", "/v1/invitations", invitation)).status).toBe(403);
      expect((await ask("GET", "/v1/audit-log")).status).toBe(403);
      expect((await ask("GET", "/v1/workspaces")).status).toBe(403);
    }
    expect((await ann("GET", "/v1/workspaces")).status).toBe(200);
  });

  test("can be changed, and holds from the next request on", async () => {
    const ann = await owner();
    const agent = await invited(ann, "agent");
    const { data } = (await ann("GET", "/v1/members")).body;
    const { id } = data.find(({ role }: { role: string }) => role === "agent");
    await ann("PATCH", `/v1/members/${id}`, { role: "developer" });
    expect((await agent("POST", "/v1/accounts", { name: "x" })).status).toBe(201);
    expect((await ann("DELETE", `/v1/members/${id}`)).status).toBe(204);
    expect((await agent("GET", "/v1/accounts")).status).toBe(403);
  });

  test("is given and taken by who may do all that it opens, and the operator's by operators", async () => {
    const ann = await owner();
    const agent = await invited(ann, "agent");
    const { data: members } = (await ann("GET", "/v1/members")).body;
    const idOf = (role: string) =>
      members.find((each: { role: string }) => each.role === role).id as string;
    const byKey = async (scopes: string[], workspace?: string) => {
      const headers = { authorization: "Bearer the-admin-key" };
      const into =
        workspace === undefined ? headers : { ...headers, "curlew-workspace": workspace };
      const made = await house.browser()("POST", "/v1/api-keys", { name: "k", scopes }, into);
      const ask = house.browser();
      const own = { authorization: `Bearer ${made.body.key}` };
      return (method: string, path: string, body?: unknown) => ask(method, path, body, own);
    };
    const inviting = (role: string) => ({ email: `new-${role}@curlew.test`, role });
    const narrow = await byKey(["members:write"]);
    for (const role of ["agent", "owner"]) {
      expect((await narrow("POST", "/v1/invitations", inviting(role))).status).toBe(403);
      expect((await narrow("PATCH", `/v1/members/${idOf("agent")}`, { role })).status).toBe(403);
    }
    expect((await narrow("DELETE", `/v1/members/${idOf("agent")}`)).status).toBe(403);

    const whole = await byKey(["*"]);
    expect((await whole("POST", "/v1/invitations", inviting("owner"))).body.detail).toMatch(
      /operate the instance/,
    );
    expect((await whole("PATCH", `/v1/members/${idOf("agent")}`, { role: "owner" })).status).toBe(
      403,
    );
    expect((await ann("POST", "/v1/invitations", inviting("owner"))).status).toBe(201);
    await ann("PATCH", `/v1/members/${idOf("agent")}`, { role: "owner" });
    expect((await whole("DELETE", `/v1/members/${idOf("owner")}`)).status).toBe(403);
    expect((await agent("GET", "/v1/me")).body.is_operator).toBe(true);
    expect((await whole("POST", "/v1/invitations", inviting("developer"))).status).toBe(201);

    const { newId, clock, connections } = house;
    const other = await insertWorkspace(connections.pool, {
      ...{ id: newId(), name: "Other", now: clock.now() },
    });
    const elsewhere = await byKey(["*"], publicId("ws", other.id));
    expect((await elsewhere("POST", "/v1/invitations", inviting("owner"))).status).toBe(201);
  });

  test("of the last owner stays", async () => {
    const ann = await owner();
    const { id } = (await ann("GET", "/v1/members")).body.data[0];
    expect((await ann("PATCH", `/v1/members/${id}`, { role: "agent" })).body.code).toBe("conflict");
    expect((await ann("DELETE", `/v1/members/${id}`)).body.code).toBe("conflict");
  });

  test("holds in its own workspace alone", async () => {
    const ann = await owner();
    const { newId, clock, connections } = house;
    const other = await insertWorkspace(connections.pool, {
      ...{ id: newId(), name: "Other", now: clock.now() },
    });
    const headers = { "curlew-workspace": publicId("ws", other.id) };
    expect((await ann("GET", "/v1/accounts", undefined, headers)).status).toBe(403);
  });
});

describe("an invitation", () => {
  test("counts once, and for a week", async () => {
    const ann = await owner();
    const made = await ann("POST", "/v1/invitations", { email: "Bo@Curlew.test", role: "agent" });
    expect((await ann("GET", "/v1/invitations")).body.data).toMatchObject([
      { id: made.body.id, email: "bo@curlew.test", role: "agent" },
    ]);
    const person = { token: made.body.token, name: "Bo", password: "another long one" };
    const ask = house.browser();
    expect((await ask("POST", "/auth/accept-invitation", person)).status).toBe(200);
    expect((await ask("GET", "/v1/me")).body.person.email).toBe("bo@curlew.test");
    const again = await house.browser()("POST", "/auth/accept-invitation", person);
    expect(again).toMatchObject({ status: 422, body: { code: "invitation_refused" } });

    const late = await ann("POST", "/v1/invitations", { email: "cy@curlew.test", role: "agent" });
    await house.clock.advance(8 * 86_400_000);
    const tooLate = { ...person, token: late.body.token };
    expect((await house.browser()("POST", "/auth/accept-invitation", tooLate)).status).toBe(422);
  });

  test("for an address that signs in already is for whoever has signed in with it", async () => {
    const ann = await owner();
    const agent = await invited(ann, "agent");
    const { newId, clock, connections } = house;
    const other = await insertWorkspace(connections.pool, {
      ...{ id: newId(), name: "Other", now: clock.now() },
    });
    const headers = {
      authorization: "Bearer the-admin-key",
      "curlew-workspace": publicId("ws", other.id),
    };
    const invitation = { email: "agent@curlew.test", role: "owner" };
    const { token } = (await house.browser()("POST", "/v1/invitations", invitation, headers)).body;
    const person = { token, name: "Thief", password: "another long one" };
    const stranger = await house.browser()("POST", "/auth/accept-invitation", person);
    expect(stranger).toMatchObject({ status: 409, body: { code: "conflict" } });
    const accept = { token };
    expect(await house.browser()("POST", "/auth/accept-invitation", accept)).toMatchObject({
      ...{ status: 422, body: { errors: [{ pointer: "/name" }] } },
    });
    const another = await ann("POST", "/auth/accept-invitation", accept);
    expect(another).toMatchObject({ status: 409, body: { code: "conflict" } });
    expect(await agent("POST", "/auth/accept-invitation", accept)).toMatchObject({
      ...{ status: 200, body: { workspace_id: publicId("ws", other.id) } },
    });
    expect((await agent("GET", "/v1/me")).body.workspaces).toHaveLength(2);
  });

  test("that was withdrawn is worth nothing", async () => {
    const ann = await owner();
    const made = await ann("POST", "/v1/invitations", { email: "bo@curlew.test", role: "agent" });
    expect((await ann("DELETE", `/v1/invitations/${made.body.id}`)).status).toBe(204);
    const person = { token: made.body.token, name: "Bo", password: "another long one" };
    expect((await house.browser()("POST", "/auth/accept-invitation", person)).status).toBe(422);
  });
});

describe("the audit log", () => {
  test("has what is done to something that is called as an action is", async () => {
    const ann = await owner();
    const plan = { title: "Trial", endpoints: null, features: [] };
    expect((await ann("PUT", "/v1/plans/test", plan)).status).toBe(200);
    expect((await ann("GET", "/v1/audit-log")).body.data).toMatchObject([
      { operation: "PUT /v1/plans/:name", path: "/v1/plans/test" },
    ]);
  });

  test("names who changed what, and nothing of what was in it", async () => {
    const ann = await owner();
    const { id } = (await ann("POST", "/v1/accounts", { name: "Bakery" })).body;
    await ann("PATCH", `/v1/accounts/${id}`, { name: "Bakehouse" });
    await ann("GET", "/v1/accounts");
    await ann("POST", "/v1/accounts", { nonsense: true });
    const headers = { authorization: "Bearer the-admin-key" };
    await house.browser()("POST", "/v1/accounts", { name: "By key" }, headers);
    const { data } = (await ann("GET", "/v1/audit-log")).body;
    expect(data).toMatchObject([
      { actor: { kind: "admin", id: null }, operation: "POST /v1/accounts" },
      {
        actor: { kind: "member", name: "Ann", id: expect.stringMatching(/^usr_/) },
        operation: "PATCH /v1/accounts/:id",
        path: `/v1/accounts/${id}`,
      },
      { actor: { kind: "member", name: "Ann" }, operation: "POST /v1/accounts" },
    ]);
    expect(JSON.stringify(data)).not.toContain("Bakehouse");
    const byAnn = await ann("GET", `/v1/audit-log?actor_id=${data[1].actor.id}`);
    expect(byAnn.body.data).toHaveLength(2);
    const of = async (objectId: string) =>
      (await ann("GET", `/v1/audit-log?object_id=${objectId}`)).body.data;
    expect(await of(id)).toMatchObject([{ operation: "PATCH /v1/accounts/:id" }]);
    expect(await of(id.slice(0, -1))).toEqual([]);
  });
});
