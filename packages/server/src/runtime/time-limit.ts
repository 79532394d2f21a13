import { Script } from "node:vm";

/** What work came to; `endless` where it did not end in time, or called itself without end. */
export type Limited<T> = { kind: "done"; value: T } | { kind: "endless" };

const WORK = Symbol.for("curlew limited work");
/** Only what a script of `node:vm` calls can be interrupted, whatever holds it up: a regular expression too. */
const script = new Script("globalThis[Symbol.for('curlew limited work')]()");

/**
 * Does work that is not ours to trust, and interrupts it after so many milliseconds. It must not wait for
 * anything, and leave nothing half done that others go by. Starting the watch costs a tenth of a millisecond.
 */
export function withinTime<T>(ms: number, work: () => T): Limited<T> {
  let value: { is: T } | null = null;
  Reflect.set(globalThis, WORK, () => {
    value = { is: work() };
  });
  try {
    script.runInThisContext({ timeout: ms });
  } catch (error) {
    if (isTimeout(error) || isStackOverflow(error)) return { kind: "endless" };
    throw error;
  } finally {
    Reflect.deleteProperty(globalThis, WORK);
  }
  return value === null ? { kind: "endless" } : { kind: "done", value: (value as { is: T }).is };
}

function isTimeout(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ERR_SCRIPT_EXECUTION_TIMEOUT";
}

function isStackOverflow(error: unknown): boolean {
  return error instanceof RangeError && /call stack/i.test(error.message);
}
