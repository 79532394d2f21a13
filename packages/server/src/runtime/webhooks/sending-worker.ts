import { parentPort, workerData } from "node:worker_threads";
import { readUrl } from "../../core/url.ts";
import { systemClock } from "../clock.ts";
import { parseAllowTargets } from "../network/address-guard.ts";
import { createGuard } from "../network/guard.ts";
import { createTimerWheel } from "../timer-wheel.ts";
import type { FromThread, Posted, ThreadOptions, ToThread } from "./sending-messages.ts";
import { createWebhookClient } from "./webhook-client.ts";
import type { PostResult, Target } from "./webhook-target.ts";

// The other side of `sending-thread.ts`: the connections to endpoints, and nothing else.
const port = parentPort;
if (port === null) throw new Error("this is a thread, not a program");
const { allowTargets, proxy } = workerData as ThreadOptions;
const say = (message: FromThread) => port.postMessage(message);

const clock = systemClock();
const wheel = createTimerWheel({ clock });
wheel.start();
/** Our own addresses, normalised, as the other side has named them. */
const own = new Set<string>();
const guard = createGuard({
  allow: parseAllowTargets(allowTargets),
  exempt: (url) => own.has(url.href),
});
const client = createWebhookClient({ clock, wheel, guard, proxy });
const targets = new Map<number, Target>();
let results: { id: number; result: PostResult }[] = [];
let begun = 0;
let isTold = true;

/** What is begun and what is read from many sockets in one turn of the event loop is told together. */
function tellSoon(): void {
  if (!isTold) return;
  isTold = false;
  setImmediate(() => {
    const turn = { results, begun };
    results = [];
    begun = 0;
    isTold = true;
    say({ kind: "turn", ...turn });
  });
}

function answer(id: number, result: PostResult): void {
  results.push({ id, result });
  tellSoon();
}

/** Every post is answered: the other side waits for it, and has no deadline of its own. */
function post({ id, target, path, headers, body, deadlineMs }: Posted): void {
  const request = { headers, body, deadlineMs, ...(path !== undefined && { path }) };
  const posting = targets.get(target)?.post(request);
  if (posting) void posting.then((result) => answer(id, result));
  else answer(id, UNKNOWN);
}

const UNKNOWN: PostResult = {
  kind: "failed",
  error: "closed",
  detail: "the target was closed",
  ms: 0,
  written: false,
  connection: null,
};

port.on("message", (message: ToThread) => {
  switch (message.kind) {
    case "post":
      for (const each of message.posts) post(each);
      begun += message.posts.length;
      tellSoon();
      return;
    case "open": {
      for (const url of message.exempt) own.add(readUrl(url)?.href ?? url);
      targets.set(message.id, client.open(message.key, message.options));
      return;
    }
    case "close": {
      const target = targets.get(message.id);
      targets.delete(message.id);
      void (target?.close() ?? Promise.resolve()).then(() => {
        say({ kind: "closed", id: message.id });
      });
      return;
    }
    case "ask":
      say({ kind: "here" });
      return;
    case "end":
      void client.close().then(() => {
        wheel.stop();
        port.close();
      });
  }
});
say({ kind: "ready" });
