import { existsSync, mkdtempSync, rmdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { StartError } from "../core/start-error.ts";

/**
 * Refuses a data directory that is to be made where nothing can be, as below /proc: Node would try for
 * ever to make it together with what is above it. What else keeps it from being made, whoever makes it
 * says so, and not every installation needs it.
 */
export function refuseNowhere(dataDir: string): void {
  const path = resolve(dataDir);
  if (existsSync(path)) return;
  const above = nearest(dirname(path));
  try {
    // Of a name that nobody else uses: the directory itself may be just being made by another process.
    rmdirSync(mkdtempSync(join(above, ".curlew-")));
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) return;
    throw new StartError(
      `The data directory ${path} cannot be made: ${above} takes no new directories. Choose another one (CURLEW_DATA_DIR).`,
      { cause: error },
    );
  }
}

/** The directory itself, or what there is of those above it. */
function nearest(path: string): string {
  return existsSync(path) || dirname(path) === path ? path : nearest(dirname(path));
}
