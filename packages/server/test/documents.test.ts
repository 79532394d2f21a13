import { existsSync, readdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import {
  allDocuments,
  markdownBelow,
  ROOT,
  readDocument as read,
  TOP_DOCUMENTS as TOP,
} from "./support/project/documents.ts";

const DECISIONS = join(ROOT, "docs/decisions");
const README_LINES = 120;

describe("the documents", () => {
  test.each(TOP)("%s names only paths that exist", (file) => {
    const text = read(file);
    const named = pathsIn(text);
    expect(named.length, "paths that were found").toBeGreaterThan(3);
    expect(named.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });

  test("link only to files that exist", () => {
    const broken = allDocuments().flatMap((file) =>
      linksIn(read(file))
        .filter((link) => !existsSync(resolve(ROOT, dirname(file), link)))
        .map((link) => `${file}: ${link}`),
    );
    expect(broken).toEqual([]);
  });

  test("name only npm scripts that exist", () => {
    const { scripts } = JSON.parse(read("package.json"));
    const named = [...TOP, ...markdownBelow("docs")].flatMap((file) => scriptsIn(read(file)));
    expect(named).toContain("start");
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  });

  test("name only settings that exist", () => {
    const settings = read("packages/server/src/config/config.ts");
    const text = [...TOP, ...markdownBelow("docs")].map(read).join("\n");
    const named = new Set(text.match(/CURLEW_[A-Z0-9_]*[A-Z0-9]/g));
    expect(named).toContain("CURLEW_DATA_DIR");
    expect([...named].filter((name) => !settings.includes(`  ${name}: `))).toEqual([]);
  });

  test("tell of every setting that there is", () => {
    const settings = read("packages/server/src/config/config.ts");
    const names = [...settings.matchAll(/^ {2}((?:CURLEW|DATABASE)_\w+): /gm)].map(
      ([, name]) => name,
    );
    expect(names.length).toBeGreaterThan(10);
    const told = read("docs/guides/running.md");
    expect(names.filter((name) => !told.includes(`\`${name}\``))).toEqual([]);
  });

  test("the README is read in one sitting", () => {
    expect(read("README.md").trimEnd().split("\n").length).toBeLessThanOrEqual(README_LINES);
  });

  test("decisions are numbered without gaps and say what a reader asks", () => {
    const files = readdirSync(DECISIONS).filter((file) => /^\d/.test(file));
    const expected = files.map((_, index) => String(index + 1).padStart(4, "0"));
    expect(files.map((file) => file.slice(0, 4)).sort()).toEqual(expected);
    for (const file of files) {
      const text = read(`docs/decisions/${file}`);
      expect(text, file).toMatch(new RegExp(`^# ${Number(file.slice(0, 4))}\\. `));
      for (const part of ["Context", "Choice", "What it costs", "What would change our mind"]) {
        expect(text, file).toContain(`\n## ${part}\n`);
      }
    }
  });
});

describe("the check itself", () => {
  test("sees paths in code spans and links, and leaves routes, hosts and fences alone", () => {
    const text = [
      "`packages/gone.ts`, `docs/`, [a page](docs/gone.md#part), `.ci/run` and `GONE.md`;",
      "`/v1/send`, `127.0.0.0/8`, `application/json`, `@curlew/sdk`, [out](https://example.com/a.md)",
      "```sh\ncat `fenced/path.ts`\n```",
    ].join("\n");
    expect(pathsIn(text)).toEqual([
      "packages/gone.ts",
      "docs/",
      ".ci/run",
      "GONE.md",
      "docs/gone.md",
    ]);
  });

  test("sees the scripts that a command line names", () => {
    expect(scriptsIn("`npm start`, then `npm run gone`, `npm test -- x` and `npm ci`")).toEqual([
      "start",
      "gone",
      "test",
    ]);
  });
});

/** Paths below the root that a document names, in code spans and in links. */
function pathsIn(text: string): string[] {
  const prose = text.replace(/```[\s\S]*?```/g, "");
  const spans = [...prose.matchAll(/`([^`\n]+)`/g)].map((match) => match[1] ?? "");
  return [...spans.filter(isPath), ...linksIn(text)];
}

function linksIn(text: string): string[] {
  return [...text.replace(/```[\s\S]*?```/g, "").matchAll(/\]\(([^)\s]+)\)/g)]
    .map((match) => (match[1] ?? "").replace(/#.*$/, ""))
    .filter((link) => link !== "" && !/^[a-z]+:/.test(link));
}

/** Words with a slash or a file's ending; not routes, addresses, media types, npm scopes and `./data`. */
function isPath(span: string): boolean {
  if (!/^[\w.][\w./-]*$/.test(span)) return false;
  if (/^(\d|\.\/)/.test(span) || /^(application|text|node)\//.test(span)) return false;
  return span.includes("/") || /\.(md|ts|mjs|json|sql|yml)$/.test(span);
}

function scriptsIn(text: string): string[] {
  return [...text.matchAll(/npm (?:run ([\w:-]+)|(start|test)\b)/g)].map(
    (match) => match[1] ?? match[2] ?? "",
  );
}
