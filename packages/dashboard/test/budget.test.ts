import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";

const DIST = fileURLToPath(new URL("../dist/", import.meta.url));
const KB = 1024;

const sizeOf = (path: string) => gzipSync(readFileSync(join(DIST, path)), { level: 9 }).length;

/** What the first page loads: the page, what it names, and what these import at once. */
function firstLoad(): string[] {
  const page = readFileSync(join(DIST, "index.html"), "utf8");
  const named = [...page.matchAll(/(?:src|href)="\/([^"]+)"/g)].map(([, path = ""]) => path);
  const seen = new Set(["index.html", ...named]);
  for (const path of seen) {
    if (!path.endsWith(".js")) continue;
    const code = readFileSync(join(DIST, path), "utf8");
    for (const [, file] of code.matchAll(/from ?"\.\/([\w.-]+\.js)"/g)) seen.add(`assets/${file}`);
  }
  return [...seen];
}

test("the first page is below 250 KB with its fonts, its code below 175", () => {
  const code = firstLoad().filter((path) => !path.endsWith(".woff2"));
  const overview = readdirSync(join(DIST, "assets")).find((name) => /^overview-.*\.js$/.test(name));
  expect(overview, "the page that stands at /").toBeDefined();
  const codeBytes = [...code, `assets/${overview}`].reduce((sum, path) => sum + sizeOf(path), 0);
  const fonts = readdirSync(join(DIST, "assets")).filter((name) =>
    /^(geist|jetbrains-mono)-latin-wght-normal.*\.woff2$/.test(name),
  );
  expect(fonts).toHaveLength(2);
  const fontBytes = fonts.reduce(
    (sum, name) => sum + readFileSync(join(DIST, "assets", name)).length,
    0,
  );
  expect(code.length).toBeGreaterThan(3);
  expect(codeBytes / KB).toBeLessThan(175);
  expect((codeBytes + fontBytes) / KB).toBeLessThan(250);
});

test("text lies beside its compressed forms", () => {
  const names = readdirSync(join(DIST, "assets"));
  const large = names.filter(
    (name) => /\.(js|css)$/.test(name) && readFileSync(join(DIST, "assets", name)).length > KB,
  );
  expect(large.length).toBeGreaterThan(3);
  for (const name of large)
    expect(names).toEqual(expect.arrayContaining([`${name}.br`, `${name}.gz`]));
});
