import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { publicId } from "../src/core/ids.ts";
import { accountRoutes } from "../src/http/accounts.ts";
import { createHttpApp } from "../src/http/app.ts";
import { auditLogRoutes } from "../src/http/audit-log.ts";
import { createAuthenticator } from "../src/http/authentication.ts";
import { digestOf } from "../src/http/key-text.ts";
import { meRoutes } from "../src/http/me.ts";
import { memberRoutes } from "../src/http/members.ts";
import { createSignIn } from "../src/http/open-sign-in.ts";
import { createSessionDoor } from "../src/http/session-door.ts";
import { signInRoutes } from "../src/http/sign-in-routes.ts";
import { workspaceRoutes } from "../src/http/workspaces.ts";
import { systemClock } from "../src/runtime/clock.ts";
import { createIds } from "../src/runtime/ids.ts";
import { createConfigChanges } from "../src/storage/config-changes.ts";
import { openSignInDatabase } from "../src/storage/sign-in-database.ts";
import { ensureDefaultWorkspace, insertWorkspace } from "../src/storage/workspaces.ts";
import type { Answer } from "./support/api.ts";
import { createTestDatabase } from "./support/database.ts";
import { recordingLogger } from "./support/http.ts";
import { ManualClock } from "./support/manual-clock.ts";

const HERE = "http://curlew.test";
const OWNER = { name: "Ann", email: "ann@curlew.test", password: "a long enough one" };

/** How often somebody tried is remembered by address, beyond the end of a test. */
let browsers = 0;

type House = Awaited<ReturnType<typeof openHouse>>;

async function openHouse({ isLocal = true }: { isLocal?: boolean } = {}) {
  const database = await createTestDatabase();
  const { connections } = database;
  // better-auth reads the machine's clock; what is ours is moved.
  const clock = new ManualClock(systemClock().now());
  const ids = createIds(clock);
  const newId = () => ids.next();
  const logger = recordingLogger();
  const workspace = await ensureDefaultWorkspace(connections, { id: newId(), now: clock.now() });
  const signIn = createSignIn({
    database: openSignInDatabase(connections),
    secret: "s".repeat(43),
    publicUrl: null,
    logger,
  });
  const adminDigest = digestOf("the-admin-key");
  const db = connections.pool;
  const authenticator = createAuthenticator({
    ...{ db, clock, logger, adminDigest, defaultWorkspaceId: workspace.id },
  });
  const changeConfig = createConfigChanges({ connections, logger, onChanged: async () => {} });
  const resources = { db, changeConfig, clock, newId };
  const app = createHttpApp({
    ...{ logger, clock, newId, version: "0.0.0", dashboardDir: null },
    ready: async () => ({ ready: true, checks: {} }),
    metrics: { contentType: "text/plain", text: async () => "", http: () => {} },
    authenticate: authenticator.authenticate,
    enterSignedIn: createSessionDoor({ db, signIn, publicUrl: null }),
    audit: { db, newId, clock },
    routes: [
      {
        path: "/",
        app: signInRoutes({
          ...{ connections, clock, signIn, newId, publicUrl: null, adminDigest, isLocal },
          defaultWorkspaceId: workspace.id,
        }),
      },
      { app: meRoutes({ db }) },
      { app: memberRoutes({ connections, clock, newId }) },
      { app: auditLogRoutes({ db }) },
      { app: accountRoutes(resources) },
      { app: workspaceRoutes(resources) },
    ],
  });

  /** A browser on a machine of its own: it keeps its cookies and says where its requests come from. */
  function browser(origin: string | null = HERE) {
    const cookies = new Map<string, string>();
    const remoteAddress = `10.${++browsers >> 16}.${(browsers >> 8) & 255}.${browsers & 255}`;
    const socket = { remoteAddress, remotePort: 1, remoteFamily: "IPv4" };
    return async (
      method: string,
      path: string,
      body?: unknown,
      headers: Record<string, string> = {},
    ): Promise<Answer> => {
      const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
      const init = {
        method,
        headers: {
          ...(cookie === "" ? {} : { cookie }),
          ...(origin === null ? {} : { origin }),
          ...(body === undefined ? {} : { "content-type": "application/json" }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      };
      const response = await app.request(`${HERE}${path}`, init, { incoming: { socket } });
      for (const set of response.headers.getSetCookie()) {
        const [pair = ""] = set.split(";");
        const [name = "", value = ""] = pair.split("=");
        if (/max-age=0/i.test(set) || value === "") cookies.delete(name);
        else cookies.set(name, value);
      }
      const text = await response.text();
      const { status } = response;
      return { status, headers: response.headers, body: text === "" ? null : JSON.parse(text) };
    };
  }

  return {
    ...{ app, browser, clock, connections, logger, newId, workspace },
    rows: async <R extends object>(text: string) => (await db.query<R>(text)).rows,
    async close() {
      await authenticator.close();
      await database.drop();
    },
  };
}

let house: House;
beforeEach(async () => {
  house = await openHouse();
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

  test("asks for the admin key where others can reach the server", async () => {
    await house.close();
    house = await openHouse({ isLocal: false });
    const ask = house.browser();
    expect((await ask("GET", "/auth/state")).body.needs_admin_key).toBe(true);
    expect((await ask("POST", "/auth/first-owner", OWNER)).status).toBe(401);
    const wrong = { ...OWNER, admin_key: "a guess" };
    expect((await ask("POST", "/auth/first-owner", wrong)).status).toBe(401);
    const right = { ...OWNER, admin_key: "the-admin-key" };
    expect((await ask("POST", "/auth/first-owner", right)).status).toBe(200);
  });

  test("says what is wrong with an account, field by field", async () => {
    const ask = house.browser();
    expect(
      await ask("POST", "/auth/first-owner", { name: "", email: "ann", password: "short", x: 1 }),
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
    expect((await agent("POST", "/auth/accept-invitation", person)).status).toBe(200);
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
  });
});
