import { expect, test } from "vitest";
import { usedDataDirectory } from "../../support/database/data-directory.ts";
import { startServer } from "../../support/processes/server-process.ts";

/** A server is started, on cores that others use too. */
const LIMIT_MS = 240_000;

const KINDS: Readonly<Record<string, RegExp>> = {
  woff2: /^font\/woff2/,
  css: /^text\/css/,
  js: /^(text|application)\/javascript/,
  svg: /^image\/svg/,
};

test(
  "the page that the start names gets every file that it names, and nothing that it may not run",
  async () => {
    const { url, output } = await startServer({ dataDir: await usedDataDirectory() });
    const named = /^ {2}Dashboard +(http:\S+)$/m.exec(output())?.[1] ?? "";
    expect(named).toBe(`${url}/`);
    const page = await fetch(named);
    expect(page.headers.get("content-type")).toMatch(/^text\/html/);
    const policy = page.headers.get("content-security-policy");
    expect(policy).toContain("script-src 'self'");
    expect(policy).not.toMatch(/unsafe|https?:|\*/);
    expect(page.headers.get("cache-control")).toBe("no-cache");
    const text = await page.text();
    expect(text, "inline code would be refused").not.toMatch(
      /<style|<script(?![^>]*\ssrc=)|\son\w+=/,
    );

    const seen = new Set<string>();
    const follow = async (name: string, from: string): Promise<void> => {
      const address = new URL(name, from).href;
      if (seen.has(address)) return;
      seen.add(address);
      expect(address, "from this server alone").toContain(url);
      const answer = await fetch(address, { headers: { "accept-encoding": "br" } });
      expect(answer.status, address).toBe(200);
      const kind = KINDS[address.slice(address.lastIndexOf(".") + 1)];
      if (kind) expect(answer.headers.get("content-type"), address).toMatch(kind);
      const body = await answer.text();
      if (!address.includes("/assets/")) return;
      expect(answer.headers.get("cache-control"), address).toContain("immutable");
      if (/\.(js|css)$/.test(address) && body.length > 1024)
        expect(answer.headers.get("content-encoding"), address).toBe("br");
      if (!address.endsWith(".js")) return;
      const imports = body.matchAll(/(?:from ?|import\(?)["'`](\.\/[^"'`]+\.js)["'`]/g);
      for (const [, path = ""] of imports) await follow(path, address);
    };
    for (const [, name = ""] of text.matchAll(/\s(?:href|src)="([^"]+)"/g))
      await follow(name, page.url);
    expect(seen.size, "files that were found").toBeGreaterThan(10);
    expect([...seen]).toEqual(expect.arrayContaining([`${url}/icon.svg`, `${url}/theme.js`]));
  },
  LIMIT_MS,
);

test(
  "each address of the dashboard answers its page to a browser, and programs are told what is not there",
  async () => {
    const { url } = await startServer({ dataDir: await usedDataDirectory() });
    const asBrowser = { headers: { accept: "text/html,application/xhtml+xml" } };
    const home = await (await fetch(url)).text();
    for (const path of ["endpoints", "deliveries?state=dead", "events/message.received"]) {
      const page = await fetch(`${url}/${path}`, asBrowser);
      expect(page.status, path).toBe(200);
      expect(page.headers.get("content-security-policy"), path).toContain("default-src 'none'");
      expect(await page.text(), path).toBe(home);
    }
    const gone = ["gone.js", "assets/gone.js", "..%2fpackage.json", "endpoints"];
    for (const path of gone) expect((await fetch(`${url}/${path}`)).status, path).toBe(404);
    for (const path of ["v1/gone", "auth/gone", "assets/gone.js", "in/gone"])
      expect((await fetch(`${url}/${path}`, asBrowser)).headers.get("content-type"), path).toMatch(
        /^application\/problem\+json/,
      );
    expect((await fetch(`${url}/endpoints`, { method: "POST", ...asBrowser })).status).toBe(404);
  },
  LIMIT_MS,
);
