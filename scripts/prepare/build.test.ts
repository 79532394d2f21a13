import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { build, stalePackages } from "./build.mjs";

const REAL_ROOT = fileURLToPath(new URL("../../", import.meta.url));
const SETTINGS = {
  compilerOptions: {
    strict: true,
    target: "es2022",
    module: "nodenext",
    rewriteRelativeImportExtensions: true,
    rootDir: "src",
    types: [],
  },
  include: ["src"],
  exclude: ["src/**/*.test.ts"],
};

/** A checkout with one package, `sdk`, of two files, a page and a test. */
function checkout(): { root: string; write: (path: string, text: string) => void } {
  const root = mkdtempSync(join(tmpdir(), "curlew-build-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  symlinkSync(join(REAL_ROOT, "node_modules"), join(root, "node_modules"));
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  write("packages/sdk/tsconfig.build.json", JSON.stringify(SETTINGS));
  write("packages/sdk/package.json", JSON.stringify({ type: "module" }));
  write("packages/sdk/src/one.ts", 'export { two } from "./deep/two.ts";');
  write("packages/sdk/src/deep/two.ts", "export const two: number = 2;");
  write("packages/sdk/src/page.html", "<p>");
  write("packages/sdk/src/one.test.ts", "const notBuilt: string = 1;");
  return { root, write };
}

const output = (root: string) =>
  readdirSync(join(root, "packages/sdk/dist"), { recursive: true, encoding: "utf8" }).toSorted();

async function rebuild(root: string): Promise<string[]> {
  const stale = stalePackages(root);
  const told: string[] = [];
  if (stale.length > 0) await build(root, stale, (line: string) => told.push(line));
  return told;
}

test("a package is built once, and again only when something has changed", async () => {
  const { root, write } = checkout();
  expect(await rebuild(root)).toEqual([expect.stringMatching(/^Built sdk in \d/)]);
  expect(output(root)).toEqual(["deep", "deep/two.js", "one.js", "page.html"]);
  expect(readFileSync(join(root, "packages/sdk/dist/one.js"), "utf8")).toContain("./deep/two.js");
  expect(await rebuild(root)).toEqual([]);

  write("packages/sdk/src/one.test.ts", "// a test is no input");
  expect(await rebuild(root)).toEqual([]);
  write("packages/sdk/src/page.html", "<p>Changed");
  expect(await rebuild(root)).toHaveLength(1);
});

test("what a deleted source gave is gone after the next build", async () => {
  const { root, write } = checkout();
  await rebuild(root);
  rmSync(join(root, "packages/sdk/src/deep"), { recursive: true });
  write("packages/sdk/src/one.ts", "export const one = 1;");
  await rebuild(root);
  expect(output(root)).toEqual(["one.js", "page.html"]);
});

test("a package that does not compile keeps its last build and says what is wrong", async () => {
  const { root, write } = checkout();
  await rebuild(root);
  write("packages/sdk/src/one.ts", "export const one = ;");
  await expect(rebuild(root)).rejects.toThrow(/one\.ts.*TS1109[\s\S]*build of sdk failed/);
  expect(output(root)).toContain("deep/two.js");
  expect(stalePackages(root), "the next run tries again").toHaveLength(1);
  expect(existsSync(join(root, "packages/sdk/.dist-new"))).toBe(false);
});

test("a build that somebody removed, in part or whole, is made again", async () => {
  const { root } = checkout();
  await rebuild(root);
  rmSync(join(root, "packages/sdk/dist/deep/two.js"));
  expect(await rebuild(root)).toHaveLength(1);
  rmSync(join(root, "packages/sdk/dist"), { recursive: true });
  expect(await rebuild(root)).toHaveLength(1);
  expect(output(root)).toContain("deep/two.js");
});

test("a package that is required too is compiled for that, into a folder of its own", async () => {
  const { root, write } = checkout();
  const compilerOptions = { module: "commonjs", moduleResolution: "bundler" };
  const settings = { extends: "./tsconfig.build.json", compilerOptions };
  write("packages/sdk/tsconfig.commonjs.json", JSON.stringify(settings));
  await rebuild(root);
  expect(output(root)).toEqual(
    expect.arrayContaining(["commonjs/deep/two.js", "commonjs/package.json", "one.js"]),
  );
  const require = createRequire(join(root, "packages/sdk/package.json"));
  expect(require("./dist/commonjs/one.js")).toMatchObject({ two: 2 });
});
