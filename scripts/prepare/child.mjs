import { spawn } from "node:child_process";
import { constants } from "node:os";

const FORWARDED = ["SIGINT", "SIGTERM", "SIGHUP"];

/**
 * Runs a program to its end and answers its exit code (128 + n when signal n ended it, or us while
 * it ran). Signals are passed on, but for a terminal's Ctrl-C, which reaches the child without us.
 * With `capture` the output is kept and given to it at the end, else it goes where ours goes. When
 * `until` aborts, the program is asked to end.
 */
export function run(command, args, { cwd, env, capture, until, shell = false } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      shell,
      env: env || process.env,
      stdio: capture ? ["ignore", "pipe", "pipe"] : "inherit",
    });
    const chunks = [];
    if (capture) {
      child.stdout.on("data", (chunk) => chunks.push(chunk));
      child.stderr.on("data", (chunk) => chunks.push(chunk));
    }
    let received = null;
    const forward = (signal) => {
      received = signal;
      if (signal !== "SIGINT" || !process.stdin.isTTY) child.kill(signal);
    };
    const end = () => {
      if (received === null) child.kill("SIGTERM"); // a second signal would mean "at once"
    };
    for (const signal of FORWARDED) process.on(signal, forward);
    until?.addEventListener("abort", end);
    const settle = () => {
      for (const signal of FORWARDED) process.removeListener(signal, forward);
      until?.removeEventListener("abort", end);
    };
    child.on("error", (error) => {
      settle();
      reject(error);
    });
    child.on("close", (code, signal) => {
      settle();
      if (capture) capture(Buffer.concat(chunks).toString("utf8"));
      const cause = signal ?? (code === 0 ? null : received);
      resolve(cause ? 128 + constants.signals[cause] : code);
    });
  });
}

/** Whether an exit code says that a signal, not the program itself, made the end. */
export function wasInterrupted(code) {
  return code === 128 + constants.signals.SIGINT || code === 128 + constants.signals.SIGTERM;
}
