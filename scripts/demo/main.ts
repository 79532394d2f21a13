import { runDemo } from "./demo.ts";
import { createScreen } from "./screen.ts";
import { raiseStage } from "./stage.ts";
import { tell } from "./story.ts";

const USAGE = `npm run demo              shows the whole path, and stays up until Ctrl-C
npm run demo -- --once    goes through it and ends: exit code 0 if every step happened, else 1
`;
/** Under npm one Ctrl-C may arrive more than once; a person who insists needs longer. */
const ECHO_MS = 1_000;

const args = process.argv.slice(2);
if (args.some((arg) => arg !== "--once")) {
  const isAsked = args.every((arg) => arg === "--help" || arg === "-h");
  (isAsked ? process.stdout : process.stderr).write(USAGE);
  process.exit(isAsked ? 0 : 1);
}

const enough = new AbortController();
let askedAt = 0;
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => {
    if (enough.signal.aborted && performance.now() - askedAt > ECHO_MS) process.exit(1);
    if (!enough.signal.aborted) askedAt = performance.now();
    enough.abort();
  });
}
// Whoever reads along has gone: `npm run demo | head`.
process.stdout.on("error", () => enough.abort());

const code = await runDemo({
  raise: raiseStage,
  tell,
  once: args.includes("--once"),
  enough: enough.signal,
  screen: createScreen({
    write: (text) => void process.stdout.write(text),
    colours: process.stdout.isTTY === true && process.stdout.hasColors(),
  }),
});
// Whatever the story still waited for is not waited for.
process.exit(code);
