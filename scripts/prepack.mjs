import "./prepare/node-version.mjs";
import { copyFileSync, cpSync, existsSync, rmSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { main, Refusal } from "./prepare/refusal.mjs";
import { prepare, ROOT } from "./prepare.mjs";

// Before npm packs or publishes a package, in its folder: built as the sources are now, with the
// licence, and the server with the dashboard and the simulator inside, which are no packages of their
// own. With a path, for the package there.
await main(async () => {
  await prepare();
  const folder = resolve(process.argv[2] ?? ".");
  copyFileSync(join(ROOT, "LICENSE"), join(folder, "LICENSE"));
  if (basename(folder) !== "server") return;
  const dashboard = join(ROOT, "packages/dashboard/dist");
  if (!existsSync(join(dashboard, "index.html"))) {
    throw new Refusal(`${dashboard} has no index.html: is the dashboard built?`);
  }
  rmSync(join(folder, "dashboard"), { recursive: true, force: true });
  cpSync(dashboard, join(folder, "dashboard"), { recursive: true });
  rmSync(join(folder, "simulator"), { recursive: true, force: true });
  cpSync(join(ROOT, "packages/simulator/dist"), join(folder, "simulator"), { recursive: true });
});
