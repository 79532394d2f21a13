import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import * as words from "../src/words/index.ts";

const DIST = fileURLToPath(new URL("../dist/", import.meta.url));
const KB = 1024;

const sizeOf = (path: string) => gzipSync(readFileSync(join(DIST, path)), { level: 9 }).length;

const read = (path: string) => readFileSync(join(DIST, path), "utf8");
const assets = () => readdirSync(join(DIST, "assets"));

/** These, and what they import at once. */
function withImports(paths: readonly string[]): string[] {
  const seen = new Set(paths);
  for (const path of seen) {
    if (!path.endsWith(".js")) continue;
    for (const [, file] of read(path).matchAll(/(?:from|import) ?"\.\/([\w.-]+\.js)"/g))
      seen.add(`assets/${file}`);
  }
  return [...seen];
}

/** The code that the first page loads: what the document names, the page that stands at /, and what these import at once. */
function firstLoad(): string[] {
  const named = [...read("index.html").matchAll(/(?:src|href)="\/([^"]+)"/g)].map(
    ([, path = ""]) => path,
  );
  const overview = assets().find((name) => /^overview-.*\.js$/.test(name));
  expect(overview, "the page that stands at /").toBeDefined();
  return withImports(["index.html", ...named, `assets/${overview}`]).filter(
    (path) => !path.endsWith(".woff2"),
  );
}

test("the first page is below 250 KB with its fonts, its code below 175", () => {
  const code = firstLoad();
  const codeBytes = code.reduce((sum, path) => sum + sizeOf(path), 0);
  const fonts = assets().filter((name) =>
    /^(geist|jetbrains-mono)-latin-wght-normal.*\.woff2$/.test(name),
  );
  expect(fonts).toHaveLength(2);
  const fontBytes = fonts.reduce(
    (sum, name) => sum + readFileSync(join(DIST, "assets", name)).length,
    0,
  );
  expect(code.length).toBeGreaterThan(20);
  expect(codeBytes / KB).toBeLessThan(175);
  expect((codeBytes + fontBytes) / KB).toBeLessThan(250);
});

/** Said around every page, and by the overview and the note on it that leads to the first run. */
const EARLY = [
  ...["endpointListWords", "firstRunWords", "overviewWords", "pageTitles", "partWords"],
  "shellWords",
];

test("the first page loads its own words, and none that only other pages say", () => {
  const said = firstLoad().map(read).join("");
  const early = Object.entries(words).flatMap(([name, area]) =>
    said.includes(longest(area)) ? [name] : [],
  );
  expect(Object.keys(words).length).toBeGreaterThan(20);
  expect(early.toSorted()).toEqual(EARLY);
});

/** The longest text that stands there as it is shown. */
function longest(said: unknown): string {
  if (typeof said === "string") return said;
  if (typeof said !== "object" || said === null) return "";
  return Object.values(said)
    .map(longest)
    .reduce((most, each) => (each.length > most.length ? each : most), "");
}

test("text lies beside its compressed forms", () => {
  const names = assets();
  const large = names.filter(
    (name) => /\.(js|css)$/.test(name) && readFileSync(join(DIST, "assets", name)).length > KB,
  );
  expect(large.length).toBeGreaterThan(3);
  for (const name of large)
    expect(names).toEqual(expect.arrayContaining([`${name}.br`, `${name}.gz`]));
});
