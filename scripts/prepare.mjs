import "./prepare/node-version.mjs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, stalePackages } from "./prepare/build.mjs";
import { install, isInstalled, markInstalled } from "./prepare/install.mjs";
import { withLock } from "./prepare/lock.mjs";

export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

/**
 * Brings the checkout to where it can run: installs when node_modules is not what the lockfile
 * names, builds what has changed since it was built. Says what it does, one line a step, and
 * nothing when there is nothing to do. Several at once wait for each other.
 */
export async function prepare({ root = ROOT, built = true, say = console.error } = {}) {
  if (isReady(root, built)) return;
  const onWait = (pid) =>
    say(`Another run (process ${pid}) is installing or building: waiting for it.`);
  await withLock(join(root, ".cache/prepare.lock"), onWait, async () => {
    if (!isInstalled(root)) await install(root, say);
    else markInstalled(root);
    const stale = built ? stalePackages(root) : [];
    if (stale.length > 0) await build(root, stale, say);
  });
}

function isReady(root, built) {
  return isInstalled(root) && (!built || stalePackages(root).length === 0);
}
