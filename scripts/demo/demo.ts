import { DemoFailure } from "./failure.ts";
import { invite } from "./invitation.ts";
import { createScene, type Scene } from "./scene.ts";
import type { Screen } from "./screen.ts";
import type { Stage } from "./stage.ts";
import type { Plot } from "./story.ts";

export interface DemoDeps {
  raise(): Promise<Stage>;
  tell(scene: Scene): Promise<Plot>;
  screen: Screen;
  /** Goes through and ends, instead of staying up. */
  once: boolean;
  /** Aborts when the reader has seen enough. */
  enough: AbortSignal;
}

const INTERRUPTED = 130;

/** Runs the demo to its end and takes away what it made; gives the exit code. */
export async function runDemo({ raise, tell, screen, once, enough }: DemoDeps): Promise<number> {
  screen.title(
    "Curlew: a message comes in, leaves as a signed webhook, and the reply goes back.",
    "All of it happens now, on this machine. Any command can be copied to a second terminal.",
  );
  let stage: Stage | null = null;
  try {
    stage = await raise();
    const { curlew, meta, receiver, directory } = stage;
    screen.facts([
      ["Curlew", curlew.url, `with a PostgreSQL of its own in ${directory}`],
      ["Meta", meta.url, "a simulator of its Graph API"],
      ["You", new URL(receiver.webhookUrl).origin, "a backend that verifies its webhooks"],
    ]);
    const stopped = aborted(enough);
    const ended = curlew.ended.then(() => {
      if (enough.aborted) return;
      throw new DemoFailure(`The server has ended by itself.\n${curlew.lastWords()}`);
    });
    // Who loses the race below may fail later, when nobody listens any more.
    ended.catch(() => {});
    const scene = createScene(stage, screen, enough);
    const telling = enough.aborted ? stopped : tell(scene);
    telling.catch(() => {});
    const plot = await Promise.race([telling, stopped, ended]);
    if (enough.aborted || !plot) return once ? INTERRUPTED : 0;
    if (once) return 0;
    invite(scene, plot);
    receiver.watch((arrival) => screen.arrival(arrival));
    await Promise.race([stopped, ended]);
    return 0;
  } catch (error) {
    if (enough.aborted) return once ? INTERRUPTED : 0;
    screen.failure(wordsOf(error, stage));
    return 1;
  } finally {
    if (stage) {
      screen.text("Stopping, and removing what was made …");
      await stage.strike();
    }
  }
}

function wordsOf(error: unknown, stage: Stage | null): string {
  if (!(error instanceof DemoFailure)) {
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
  const said = stage?.curlew.lastWords() ?? "";
  return said === "" || error.message.includes(said)
    ? error.message
    : `${error.message}\n\nThe server's last words:\n${said}`;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
