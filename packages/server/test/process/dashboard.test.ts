import { expect, test } from "vitest";
import { dataDirectory } from "../support/data-directory.ts";
import { startServer } from "../support/server-process.ts";

/** A server is started, on cores that others use too. */
const LIMIT_MS = 60_000;

const KINDS: Readonly<Record<string, RegExp>> = {
  css: /^text\/css/,
  js: /^(text|application)\/javascript/,
  svg: /^image\/svg/,
};

test(
  "the page at / gets every file that it names, and nothing that it may not run",
  async () => {
    const { url } = await startServer({ dataDir: dataDirectory() });
    const page = await fetch(url);
    expect(page.headers.get("content-type")).toMatch(/^text\/html/);
    expect(page.headers.get("content-security-policy")).toContain("script-src 'self'");
    const text = await page.text();
    expect(text, "inline code would be refused").not.toMatch(
      /<style|<script(?![^>]*\ssrc=)|\son\w+=/,
    );

    const seen = new Set<string>();
    const follow = async (name: string, from: string): Promise<void> => {
      const address = new URL(name, from).href;
      if (seen.has(address)) return;
      seen.add(address);
      const answer = await fetch(address);
      expect(answer.status, address).toBe(200);
      const kind = KINDS[address.slice(address.lastIndexOf(".") + 1)];
      if (kind) expect(answer.headers.get("content-type"), address).toMatch(kind);
      if (!address.endsWith(".js")) return;
      const imports = (await answer.text()).matchAll(/^import .*?"(\.[^"]+)";$/gm);
      for (const [, path = ""] of imports) await follow(path, address);
    };
    for (const [, name = ""] of text.matchAll(/\s(?:href|src)="([^"]+)"/g))
      await follow(name, page.url);
    for (const name of ["icon.svg", "style.css", "main.js", "state.js", "docs"]) {
      expect([...seen], "was found in the page").toContain(`${url}/${name}`);
    }

    expect((await fetch(`${url}/gone.js`)).status).toBe(404);
    expect((await fetch(`${url}/..%2fpackage.json`)).status).toBe(404);
  },
  LIMIT_MS,
);
