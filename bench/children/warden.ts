import { sleep } from "../clock.ts";
import { answerParent } from "./remote.ts";

/** Longer than a graceful stop may take. */
const STOP_MS = 40_000;
const LOOK_MS = 100;

/** Stops a gateway, and with it its PostgreSQL, when the benchmark is gone and could not do it itself. */
const warden = {
  watch(pid: number): void {
    watched = pid;
  },
  forget(): void {
    watched = null;
  },
};
export type WardenApi = typeof warden;

let watched: number | null = null;

answerParent(warden, async () => {
  if (watched === null || !signalled(watched, "SIGTERM")) return;
  for (let waited = 0; waited < STOP_MS; waited += LOOK_MS) {
    if (!signalled(watched, 0)) return;
    await sleep(LOOK_MS);
  }
  signalled(watched, "SIGKILL");
});

/** False when nobody is there any more. */
function signalled(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}
