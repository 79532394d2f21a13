import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The built dashboard; null where it was not built. */
export function dashboardDir(): string | null {
  const page = besideServer("index.html", ["../../../dashboard/dist", "../../dashboard"]);
  return page === null ? null : dirname(page);
}

/** Where the built simulator begins; null where it was not built. */
export function simulatorEntry(): string | null {
  return besideServer("index.js", ["../../../simulator/dist", "../../simulator"]);
}

/**
 * A file of another package's output: that package's own in a checkout, inside ours where Curlew was
 * installed as a package; null where it was not built.
 */
function besideServer(name: string, places: readonly string[]): string | null {
  const files = places.map((place) => join(fileURLToPath(new URL(place, import.meta.url)), name));
  return files.find((file) => existsSync(file)) ?? null;
}
