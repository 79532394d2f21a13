import { apiKeyRoutes } from "../../../src/http/access/api-keys.ts";
import { createAuthenticator } from "../../../src/http/access/authentication.ts";
import { digestOf } from "../../../src/http/access/key-text.ts";
import { meRoutes } from "../../../src/http/access/me.ts";
import { memberRoutes } from "../../../src/http/access/members.ts";
import { createSignIn } from "../../../src/http/access/open-sign-in.ts";
import { createSessionDoor } from "../../../src/http/access/session-door.ts";
import type { SignIn } from "../../../src/http/access/sign-in.ts";
import { signInRoutes } from "../../../src/http/access/sign-in-routes.ts";
import { createHttpApp } from "../../../src/http/app.ts";
import { accountRoutes } from "../../../src/http/workspaces/accounts.ts";
import { auditLogRoutes } from "../../../src/http/workspaces/audit-log.ts";
import { planRoutes } from "../../../src/http/workspaces/plans.ts";
import { workspaceRoutes } from "../../../src/http/workspaces/workspaces.ts";
import { systemClock } from "../../../src/runtime/clock.ts";
import { createIds } from "../../../src/runtime/ids.ts";
import { createConfigChanges } from "../../../src/storage/workspaces/config-changes.ts";
import { openSignInDatabase } from "../../../src/storage/workspaces/sign-in-database.ts";
import { useUpCode } from "../../../src/storage/workspaces/used-codes.ts";
import { ensureDefaultWorkspace } from "../../../src/storage/workspaces/workspaces.ts";
import { createTestDatabase } from "../database/database.ts";
import { ManualClock } from "../manual-clock.ts";
import type { Answer } from "./api.ts";
import { recordingLogger } from "./http.ts";

const HERE = "http://localhost:8400";
export const OWNER = { name: "Ann", email: "ann@curlew.test", password: "a long enough one" };

/** How often somebody tried is remembered by address, beyond the end of a test. */
let browsers = 0;

export type SignInHouse = Awaited<ReturnType<typeof openSignInHouse>>;

/** A workspace of its own with every route of people, and browsers that come to it. */
export async function openSignInHouse({
  isLocal = true,
  onHash = async () => {},
}: {
  isLocal?: boolean;
  /** Called while a password is hashed. */
  onHash?(): Promise<void>;
} = {}) {
  const database = await createTestDatabase();
  const { connections } = database;
  // better-auth reads the machine's clock; what is ours is moved.
  const clock = new ManualClock(systemClock().now());
  const ids = createIds(clock);
  const newId = () => ids.next();
  const logger = recordingLogger();
  const workspace = await ensureDefaultWorkspace(connections, { id: newId(), now: clock.now() });
  const db = connections.pool;
  const opened = createSignIn({
    database: openSignInDatabase(connections),
    secret: "s".repeat(43),
    useUpCode: (personId, code) => useUpCode(db, { personId, code, now: clock.now() }),
    publicUrl: null,
    logger,
  });
  const signIn: SignIn = {
    ...opened,
    async hashPassword(password) {
      await onHash();
      return opened.hashPassword(password);
    },
  };
  const adminDigest = digestOf("the-admin-key");
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
      { app: apiKeyRoutes(resources) },
      { app: planRoutes({ db }) },
      { app: workspaceRoutes(resources) },
    ],
  });

  /** A browser on a machine of its own: it keeps its cookies and says where its requests come from. */
  function browser(origin: string | null = HERE, at = HERE) {
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
      const response = await app.request(`${at}${path}`, init, { incoming: { socket } });
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
