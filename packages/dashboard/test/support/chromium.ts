import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

const KNOWN = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** The browser that tests use: `CHROMIUM_PATH`, else the system's; null where there is none. */
function chromiumPath(): string | null {
  const named = process.env["CHROMIUM_PATH"];
  const paths = named === undefined ? KNOWN : [named];
  return paths.find((path) => existsSync(path)) ?? null;
}

/** Whether the suites of the dashboard can run; says so, once, where they cannot. */
export const hasChromium = chromiumPath() !== null;
if (!hasChromium) {
  process.stderr.write(
    "No Chromium: the dashboard is not tried. Install it, or name it in CHROMIUM_PATH.\n",
  );
}

export async function launchChromium(): Promise<Browser> {
  const executablePath = chromiumPath();
  if (executablePath === null) throw new Error("There is no Chromium here.");
  return chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-dev-shm-usage"] });
}
