import { rmSync } from "node:fs";
import type { Browser, BrowserContext, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, onTestFinished } from "vitest";
import {
  putDatabase,
  scratchDirectory,
} from "../../../server/test/support/database/data-directory.ts";
import { createEmbeddedHome } from "../../../server/test/support/database/embedded-home.ts";
import {
  type ServerProcess,
  startServer,
} from "../../../server/test/support/processes/server-process.ts";
import { launchChromium } from "./chromium.ts";

/** A server is started and its database made, on cores that others use too. */
const START_LIMIT_MS = 240_000;

export const OWNER = {
  name: "Mira Kask",
  email: "mira@tidewater.example",
  password: "a long enough sentence",
};

export interface Visit extends BrowserContextOptions {
  /** False for a browser that nobody has signed in with. */
  signedIn?: boolean;
}

export interface House {
  readonly server: ServerProcess;
  /** A browser of its own, on the owner's account unless told otherwise; it ends with the test. */
  visit(options?: Visit): Promise<Visitor>;
  /** To be done after the last test of the file. */
  onEnd(end: () => Promise<void>): void;
  /** Looks into its database, or writes there what it would take too long to bring about. */
  query(text: string): Promise<void>;
  /** Makes the owner's account, once. */
  makeOwner(): Promise<void>;
}

export interface Visitor {
  page: Page;
  context: BrowserContext;
  /** What the page has complained about: errors of scripts and refusals of the policy. */
  complaints: string[];
}

/**
 * Called at the top of a file: a real server with a database of its own, and a browser, for all
 * its tests.
 */
export function useHouse(env: Readonly<Record<string, string>> = {}): House {
  let server: ServerProcess;
  let dataDir = "";
  let browser: Browser;
  let owner: Promise<string> | undefined;
  const ends: (() => Promise<void>)[] = [];
  beforeAll(async () => {
    dataDir = scratchDirectory();
    ends.push(async () => rmSync(dataDir, { recursive: true, force: true }));
    await putDatabase(dataDir);
    browser = await launchChromium();
    ends.push(() => browser.close());
    server = await startServer({ dataDir }, env, (end) => ends.push(end));
  }, START_LIMIT_MS);
  afterAll(async () => {
    for (const end of ends.toReversed()) await end();
  }, START_LIMIT_MS);

  /** The session's cookie, as the browser would send it. */
  function ownersCookie(): Promise<string> {
    owner ??= (async () => {
      const response = await fetch(`${server.url}/auth/first-owner`, {
        method: "POST",
        headers: { "content-type": "application/json", origin: server.url },
        body: JSON.stringify(OWNER),
      });
      if (!response.ok) throw new Error(await response.text());
      const cookie = response.headers.getSetCookie().find((each) => each.startsWith("curlew="));
      return cookie?.slice("curlew=".length).split(";")[0] ?? "";
    })();
    return owner;
  }

  return {
    get server() {
      return server;
    },
    onEnd: (end) => void ends.push(end),
    async query(text) {
      await createEmbeddedHome(dataDir).query(text);
    },
    async makeOwner() {
      await ownersCookie();
    },
    async visit({ signedIn = true, ...options } = {}) {
      const context = await browser.newContext({
        viewport: { width: 1440, height: 900 },
        baseURL: server.url,
        reducedMotion: "reduce",
        ...options,
      });
      onTestFinished(() => context.close());
      if (signedIn) {
        const value = await ownersCookie();
        await context.addCookies([{ name: "curlew", value, url: server.url }]);
      }
      const page = await context.newPage();
      const complaints: string[] = [];
      page.on("pageerror", (error) => complaints.push(error.message));
      page.on("console", (message) => {
        const isRefusal = /the server responded with a status of/.test(message.text());
        if (message.type() === "error" && !isRefusal) complaints.push(message.text());
      });
      return { page, context, complaints };
    },
  };
}
