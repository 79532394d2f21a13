import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { ROLES, type Role, scopesOf } from "../../../src/core/workspaces/roles.ts";
import { SCOPES, type Scope } from "../../../src/core/workspaces/scopes.ts";
import { type DescribedRoute, routesIn } from "../../support/api/described-routes.ts";
import {
  type Ask,
  emptyTry,
  findTrespasses,
  notAnswered,
  type Outcome,
} from "../../support/api/trespass.ts";
import { type ServerProcess, startServer } from "../../support/processes/server-process.ts";
import { asked, furnish, type Household } from "./household.ts";
import { leadsOf, referencesOf } from "./leads.ts";
import { sharedLeads, signInAll } from "./people.ts";

vi.setConfig({ testTimeout: 60_000 });

/** Needs no key: what watches a process, what providers call, and files by links that carry their leave. */
const OPEN = [
  ...["isAlive", "isReady", "readMetrics", "getMedia", "getMediaOnce"],
  ...["verifyMetaCallback", "takeMetaCallback", "verifyChannelCallback", "takeChannelCallback"],
  ...["takeTwilioMessage", "takeTwilioMessageByGet", "takeTwilioStatus", "takeTwilioStatusByGet"],
];
/** For whoever has a key at all: who they are, and what is the same for everybody. */
const WITHOUT_A_SCOPE = ["getMe", "getServer", "listEventTypes", "getEventType"];
const FOR_THE_OPERATOR = [
  ...["createWorkspace", "listWorkspaces", "getWorkspace", "updateWorkspace", "deleteWorkspace"],
  ...["listPlans", "putPlan", "deletePlan", "listUnroutable", "readHealth"],
];
/** A question, though it has a body; and one that only who makes endpoints asks. */
const UNLIKE_THEIR_METHOD = ["diagnoseSignature", "previewRequest"];

let server: ServerProcess;
let routes: DescribedRoute[];
let guarded: DescribedRoute[];
let victim: Household;
let unconfined: string;
const intruders: { who: string; house: Household }[] = [];
const keys = new Map<Scope, string>();
let cookies: ReadonlyMap<Role, string>;
const dataDir = mkdtempSync(join(tmpdir(), "curlew-data-"));
const ends: (() => Promise<void>)[] = [];

beforeAll(async () => {
  server = await startServer({ dataDir }, { CURLEW_ALLOW_TARGETS: "" }, (end) => ends.push(end));
  const description = await fetch(`${server.url}/openapi.json`);
  routes = routesIn(JSON.parse(await description.text()));
  guarded = routes.filter(({ isOpen }) => !isOpen);
  const admin = (method: string, path: string, body?: unknown) =>
    asked(server, server.adminKey, method, path, body);
  const newKey = async (body: object, by = server.adminKey): Promise<string> =>
    (await asked(server, by, "POST", "/api-keys", { name: "k", ...body })).key;
  for (const scope of SCOPES) keys.set(scope, await newKey({ scopes: [scope] }));

  unconfined = await newKey({ scopes: ["*"] });
  const confined = async (name: string) => {
    const { id: account } = await admin("POST", "/accounts", { name });
    const key = await newKey({ scopes: ["*"], account_id: account });
    return furnish(server, { name, key, account, keeper: unconfined });
  };
  victim = await confined("Victim of curiosity");
  const colleague = await confined("Nosy colleague");
  const elsewhere = await admin("POST", "/workspaces", { name: "Elsewhere" });
  const inside = { "curlew-workspace": elsewhere.id };
  const made = await server.call(
    "POST",
    "/api-keys",
    { name: "k", scopes: ["*"] },
    { headers: inside },
  );
  const key: string = made.body.key;
  const { id: account } = await asked(server, key, "POST", "/accounts", { name: "Stranger" });
  const stranger = await furnish(server, { name: "Stranger", key, account, keeper: key });
  intruders.push({ who: "another account's key", house: colleague });
  intruders.push({ who: "another workspace's key", house: stranger });
  cookies = await signInAll(server);
}, 90_000);
afterAll(async () => {
  for (const end of ends) await end();
  rmSync(dataDir, { recursive: true, force: true });
});

/** With what says who asks; a stream is left as soon as it begins. */
function askWith(headers: Record<string, string>): Ask {
  return async ({ method, path, headers: own, body }) => {
    const gone = new AbortController();
    const response = await fetch(server.url + path, {
      ...{ method, signal: gone.signal, redirect: "manual" as const },
      headers: {
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
        ...own,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const isStream = response.headers.get("content-type")?.startsWith("text/event-stream");
    const text = isStream ? "" : await response.text();
    gone.abort();
    return { status: response.status, text };
  };
}

/** As the dashboard asks, signed in with that role. */
const sessionOf = (role: Role) => ({ cookie: cookies.get(role) ?? "", origin: server.url });

/** What of somebody's nobody else is told. */
const secretsOf = ({ name, has }: Household) =>
  [name, ...Object.values(has)].filter((text) => !/^\d+$/.test(text));

const bearer = (key: string) => ({ authorization: `Bearer ${key}` });

describe("of all routes that are described", () => {
  test("those that need no key are known by name", () => {
    const open = routes.filter(({ isOpen }) => isOpen).map(({ name }) => name);
    expect(open.sort()).toEqual([...OPEN].sort());
    expect(guarded.length).toBeGreaterThan(100);
    expect(guarded.filter(({ path }) => !path.startsWith("/v1/"))).toEqual([]);
  });

  test("each other one refuses who brings no key, or one that is wrong, revoked, expired or not sure", async () => {
    const revoked = await server.call("POST", "/api-keys", { name: "r", scopes: ["*"] });
    await server.call("DELETE", `/api-keys/${revoked.body.id}`);
    const expired = await server.call("POST", "/api-keys", { name: "e", scopes: ["*"] });
    await server.call("POST", `/api-keys/${expired.body.id}/rotate`, { overlap_s: 0 });
    const credentials: Record<string, string>[] = [
      {},
      { cookie: "curlew=nobody.c2lnbmF0dXJl" },
      { authorization: server.adminKey },
      { authorization: `Basic ${server.adminKey}` },
      bearer(`${unconfined}x`),
      bearer(revoked.body.key),
      bearer(expired.body.key),
      { ...bearer(unconfined), "x-api-key": server.adminKey },
    ];
    for (const headers of credentials) {
      const asTried = JSON.stringify(headers);
      expect(await notAnswered(401, guarded.map(emptyTry), askWith(headers)), asTried).toEqual([]);
    }
  });

  test("none is open in a workspace that is another key's, was deleted, or never was", async () => {
    const { body } = await server.call("POST", "/workspaces", { name: "Gone" });
    await server.call("DELETE", `/workspaces/${body.id}`);
    const tries = guarded.map(emptyTry);
    for (const id of [body.id, "ws_01h455vb4pex5vsknk084sn02q", "nowhere"]) {
      const workspace = { "curlew-workspace": id };
      const operator = askWith({ ...bearer(server.adminKey), ...workspace });
      expect(await notAnswered(404, tries, operator)).toEqual([]);
      const tenant = askWith({ ...bearer(unconfined), ...workspace });
      expect(await notAnswered(403, tries, tenant)).toEqual([]);
    }
  });

  test("each needs one scope: to read for what reads, to write for what changes anything", async () => {
    const problems: string[] = [];
    for (const route of guarded) {
      const { name, method } = route;
      const opening = await scopesThatOpen(route, (scope) => bearer(keys.get(scope) ?? ""));
      if (opening.length !== openingsOf(name)) problems.push(`${name}: ${opening.join(", ")}`);
      if (openingsOf(name) !== 1) continue;
      const isRead = (method === "GET") !== UNLIKE_THEIR_METHOD.includes(name);
      if (isRead !== opening[0]?.endsWith(":read")) problems.push(`${name}: ${opening[0]}`);
    }
    expect(problems).toEqual([]);
  });

  function openingsOf(name: string): number {
    if (FOR_THE_OPERATOR.includes(name)) return 0;
    return WITHOUT_A_SCOPE.includes(name) ? SCOPES.length : 1;
  }

  async function scopesThatOpen(
    route: DescribedRoute,
    headersFor: (scope: Scope) => Record<string, string>,
  ): Promise<Scope[]> {
    const opening: Scope[] = [];
    for (const scope of SCOPES) {
      const { status } = await askWith(headersFor(scope))(emptyTry(route));
      if (status !== 403) opening.push(scope);
    }
    return opening;
  }

  test("each opens to people by their role as to keys by their scopes", async () => {
    const problems: string[] = [];
    for (const route of guarded) {
      const [scope] = await scopesThatOpen(route, (each) => bearer(keys.get(each) ?? ""));
      for (const role of ROLES) {
        const { status } = await askWith(sessionOf(role))(emptyTry(route));
        const isOpen = scope === undefined ? role === "owner" : opensTo(role, route.name, scope);
        if (isOpen !== (status !== 403)) problems.push(`${route.name} as ${role}: ${status}`);
      }
    }
    expect(problems).toEqual([]);
  });

  function opensTo(role: Role, name: string, scope: Scope): boolean {
    return WITHOUT_A_SCOPE.includes(name) || scopesOf(role).has(scope);
  }

  test("each that changes anything refuses a cookie that another site's page has sent along", async () => {
    const changing = guarded.filter(({ method }) => method !== "GET").map(emptyTry);
    expect(changing.length).toBeGreaterThan(50);
    const cookie = { cookie: cookies.get("owner") ?? "" };
    const pages: Record<string, string>[] = [
      { origin: "https://evil.example" },
      { origin: "null", "content-type": "text/plain" },
      { origin: "http://localhost:1", "content-type": "application/x-www-form-urlencoded" },
      { "sec-fetch-site": "cross-site" },
      { "sec-fetch-site": "same-site", "content-type": "multipart/form-data; boundary=x" },
      {},
    ];
    for (const page of pages) {
      const refused = await notAnswered(403, changing, askWith({ ...cookie, ...page }));
      expect(refused, JSON.stringify(page)).toEqual([]);
    }
  });
});

describe("whatever id of somebody else's stands in a request", () => {
  test("as what a route is about, it leads nowhere", async () => {
    const { tries, unknown } = leadsOf(guarded, victim.has);
    expect(unknown, "an id for these is missing in leads.ts").toEqual([]);
    for (const { who, house } of intruders) {
      const holes = await findTrespasses(tries, askWith(bearer(house.key)), secretsOf(victim));
      expect(holes, who).toEqual([]);
    }
  });

  test("as anything else that a route is told, it is refused, or nothing is found by it", async () => {
    for (const { who, house } of intruders) {
      const { tries, unknown } = referencesOf(guarded, house.has, victim.has);
      expect(unknown, "a whole request for these is missing in leads.ts").toEqual([]);
      const holes = await findTrespasses(tries, askWith(bearer(house.key)), secretsOf(victim));
      expect(holes, who).toEqual([]);
    }
  });

  test("what a whole workspace has is not another's, and not for a key of one account to change", async () => {
    const ofAll = await sharedLeads(server);
    const [colleague, stranger] = intruders;
    const ask = (intruder: typeof colleague) => askWith(bearer(intruder?.house.key ?? ""));
    expect(await findTrespasses(ofAll, ask(stranger), ["Shared"])).toEqual([]);
    const changing = ofAll.filter(({ name }) => name !== "getEventType");
    expect(await notAnswered(403, changing, ask(colleague))).toEqual([]);
  });

  // After the others: it takes the victim's things apart.
  test("their own owner is not refused for anything else in these very requests", async () => {
    const refused: string[] = [];
    for (const each of [
      ...referencesOf(guarded, victim.has, victim.has).tries,
      ...leadsOf(guarded, victim.has).tries,
    ]) {
      let outcome = await askWith(bearer(victim.key))(each);
      // Of its own account such a key changes nothing.
      if (outcome.status === 403) outcome = await askWith(bearer(unconfined))(each);
      const { status, text } = outcome;
      if (status >= 500 || [401, 403, 404, 422].includes(status)) {
        refused.push(`${each.name}: ${status} ${text}`);
      }
    }
    expect(refused).toEqual([]);
  });
});

describe("a hole is seen", () => {
  const routesOf = (...names: string[]) =>
    names.map((name) => ({ name, method: "GET", path: `/v1/${name}/{id}` }));
  const answering =
    (hole: string, open: Outcome, shut: Outcome): Ask =>
    async ({ name }) =>
      name === hole ? open : shut;
  const refused = { status: 401, text: "" };
  const missing = { status: 404, text: '{"code":"not_found"}' };

  test("where a route asks nobody who they are", async () => {
    const ask = answering("b", { status: 200, text: "{}" }, refused);
    const tries = routesOf("a", "b", "c").map(emptyTry);
    expect(await notAnswered(401, tries, ask)).toEqual(["b: 200"]);
  });

  test.each<[string, Outcome]>([
    ["answers with what is there", { status: 200, text: '{"id":"ep_1"}' }],
    ["finds something in a list", { status: 200, text: '{"data":[{}]}' }],
    ["counts something", { status: 202, text: '{"count":1}' }],
    ["does what it is asked for", { status: 204, text: "" }],
    ["fails over it", { status: 500, text: "{}" }],
    ["only finds fault with the rest of the request", { status: 422, text: "/name: is missing" }],
    ["names it while it refuses", { status: 404, text: "Victim's endpoint is not yours" }],
  ])("where a route %s", async (_, open) => {
    const tries = routesOf("a", "b", "c").map(emptyTry);
    const holes = await findTrespasses(tries, answering("b", open, missing), ["Victim"]);
    expect(holes).toHaveLength(1);
    expect(holes[0]).toMatch(/^b: /);
  });

  test("where a new route takes an id that nobody has thought of", () => {
    const id = "ep_01h455vb4pex5vsknk084sn02q";
    const schema = {
      type: "object",
      properties: { from: { type: "array", items: { example: id } } },
    };
    const operation = {
      operationId: "copyEndpoint",
      parameters: [{ in: "query", name: "to", schema: { example: id } }],
      requestBody: { content: { "application/json": { schema } } },
    };
    const paths = { "/v1/copies/{id}": { post: operation } };
    const [route] = routesIn({ paths, components: { schemas: {} } });
    expect(route?.references).toEqual([
      { in: "query", at: "to", prefix: "ep" },
      { in: "body", at: "/from/0", prefix: "ep" },
    ]);
    const made = route ? [route] : [];
    expect(leadsOf(made, victim.has).unknown).toEqual(["POST /v1/copies/{id}"]);
    expect(referencesOf(made, victim.has, victim.has).unknown).toEqual([
      ...["copyEndpoint to", "copyEndpoint /from/0"],
    ]);
  });
});
