/** An ending that the reader can act on: shown as it is, without a stack. */
export class Refusal extends Error {}

const SYSTEM_ERRORS = new Map([
  ["ENOSPC", "The disk is full"],
  ["EDQUOT", "The disk quota is used up"],
  ["EROFS", "This file system is read-only"],
  ["EACCES", "This user may not write here"],
  ["EPERM", "This user may not write here"],
  ["EMFILE", "Too many files are open (see `ulimit -n`)"],
]);

/** What a script that fails has to say: a sentence where we know one, otherwise the whole stack. */
function wordsOf(error) {
  if (error instanceof Refusal) return error.message;
  const sentence = SYSTEM_ERRORS.get(error?.code);
  if (sentence) return `${sentence}: ${error.message}`;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** Runs a script's work and ends with the exit code that it answers; a failure is told and ends with 1. */
export async function main(work) {
  try {
    const code = await work();
    if (typeof code === "number") process.exitCode = code;
  } catch (error) {
    console.error(wordsOf(error));
    process.exitCode = error instanceof Refusal && error.exitCode ? error.exitCode : 1;
  }
}
