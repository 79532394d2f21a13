import "./prepare/node-version.mjs";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { main, Refusal } from "./prepare/refusal.mjs";
import { prepare, ROOT } from "./prepare.mjs";

/** Two signals of a kind within this time are one. A person who insists needs longer. */
const ECHO_MS = 500;

// npm start: the server in this very process, so that signals and exit codes are its own.
await main(async () => {
  await prepare();
  const entry = join(ROOT, "packages/server/dist/cli/main.js");
  if (!existsSync(entry)) throw new Refusal(`${entry} is missing: is this checkout complete?`);
  process.argv.splice(1, 1, entry, "serve");
  if (process.env.npm_lifecycle_event) dropEchoes(["SIGINT", "SIGTERM"]);
  await import(pathToFileURL(entry).href);
});

/**
 * Under npm one Ctrl-C arrives twice: from the terminal, and from npm, which passes on what it got.
 * To a server the second would mean "at once".
 */
function dropEchoes(signals) {
  const last = new Map();
  const emit = process.emit;
  process.emit = function (event, ...args) {
    if (signals.includes(event)) {
      const now = performance.now();
      if (now - (last.get(event) ?? Number.NEGATIVE_INFINITY) < ECHO_MS) return true;
      last.set(event, now);
    }
    return emit.call(this, event, ...args);
  };
}
