// Imported first by every script, so that an old Node hears a sentence and not a stack. What the
// scripts import next must therefore parse and link on old versions too.
import { readFileSync } from "node:fs";

const manifest = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
const wanted = manifest.engines.node.replace(/^\D+/, "");

if (isOlder(process.versions.node, wanted)) {
  console.error(
    `Curlew needs Node ${wanted} or newer; ${process.execPath} is ${process.versions.node}.\n` +
      "Get one from https://nodejs.org, or run `nvm install` here: .nvmrc names a version.",
  );
  process.exit(1);
}

/** Compares dotted numbers: only as many parts as `than` has. */
function isOlder(version, than) {
  const own = version.split(".").map(Number);
  const other = than.split(".").map(Number);
  const at = other.findIndex((part, index) => (own[index] || 0) !== part);
  return at >= 0 && (own[at] || 0) < other[at];
}
