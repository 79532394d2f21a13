import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { runCommand } from "../../../server/test/support/processes/command.ts";
import { ROOT } from "../../../server/test/support/project/documents.ts";

/** A project of somebody who has installed the packed SDK, and nothing else. */
export interface Installed {
  folder: string;
  /** The files of the package, as npm has put them there. */
  files: readonly string[];
  write(path: string, text: string): void;
  /** Runs a program of this checkout (a compiler, a bundler), or Node itself; answers what it printed. */
  run(args: readonly string[], env?: Record<string, string>): Promise<string>;
  /** What TypeScript has against files, under these options. */
  check(paths: readonly string[], options: readonly string[]): Promise<string>;
  remove(): void;
}

const COMPILER = join(ROOT, "node_modules/@typescript/native/bin/tsc");
const STRICT = ["--noEmit", "--strict", "--target", "es2022", "--skipLibCheck", "false"];
/** Node's types, as a project has them that uses them. */
const NODE = ["--lib", "es2022", "--types", "node"];

export async function installSdk(): Promise<Installed> {
  const folder = mkdtempSync(join(tmpdir(), "curlew-sdk-"));
  const run = async (command: string, args: readonly string[], o = {}) => {
    const { code, stdout, stderr } = await runCommand(command, args, { cwd: folder, ...o });
    if (code !== 0) throw new Error(`${command} ${args.join(" ")}\n${stdout}\n${stderr}`);
    return stdout;
  };
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  await run("npm", ["pack", "-w", "@curlew/sdk", "--pack-destination", folder], { cwd: ROOT });
  const [tarball = ""] = readdirSync(folder);
  write("package.json", JSON.stringify({ name: "shop", type: "module" }));
  await run("npm", ["install", "--offline", "--no-audit", "--no-fund", tarball]);
  const installed = join(folder, "node_modules/@curlew/sdk");
  return {
    folder,
    files: filesOf(installed),
    write,
    run: (args, env = {}) => run(process.execPath, args, { env }),
    async check(paths, options) {
      const roots = ["--typeRoots", join(ROOT, "node_modules/@types")];
      const args = [COMPILER, ...STRICT, ...NODE, ...roots, ...options, ...paths];
      const { stdout } = await runCommand(process.execPath, args, { cwd: folder });
      return stdout;
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function filesOf(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(directory.length + 1));
}
