import { describe, expect, test } from "vitest";
import { type DemoDeps, runDemo } from "./demo.ts";
import { DemoFailure, within } from "./failure.ts";
import { createScreen } from "./screen.ts";
import type { Stage } from "./stage.ts";
import type { Plot } from "./story.ts";

const PLOT: Plot = {
  conversationId: "cnv_1",
  deliveryId: "dlv_1",
  reply: { method: "POST", url: "http://127.0.0.1:1/v1/send" },
};

/** A demo whose parties are not there, and everything that it prints and ends. */
function demo(deps: Partial<DemoDeps> & { ended?: Promise<void> }) {
  const printed: string[] = [];
  const struck: string[] = [];
  const enough = new AbortController();
  const curlew = {
    url: "http://127.0.0.1:1",
    ended: deps.ended ?? new Promise<void>(() => {}),
    lastWords: () => "the last words",
  };
  const stage = {
    ...{ curlew, adminKey: "key", directory: "/tmp/x" },
    meta: { url: "http://127.0.0.1:2" },
    receiver: {
      webhookUrl: "http://127.0.0.1:3/webhooks",
      refuseUrl: "http://127.0.0.1:3/refuse",
      watch: () => {},
    },
    strike: async () => void struck.push("struck"),
  } as unknown as Stage; // as much of it as is looked at
  const code = runDemo({
    raise: async () => stage,
    tell: async () => PLOT,
    screen: createScreen({ write: (text) => void printed.push(text), colours: false }),
    once: true,
    enough: enough.signal,
    ...deps,
  });
  return { code, enough, struck, text: () => printed.join("") };
}

describe("the demo", () => {
  test("ends with 0 when every step has happened", async () => {
    const { code, struck, text } = demo({});
    expect(await code).toBe(0);
    expect(struck).toEqual(["struck"]);
    expect(text()).not.toContain("did not get to its end");
  });

  test("ends with 1 and says which step did not happen, and what the server said", async () => {
    const { code, struck, text } = demo({
      tell: () => Promise.reject(new DemoFailure("The webhook message.read: in vain.")),
    });
    expect(await code).toBe(1);
    expect(struck).toEqual(["struck"]);
    expect(text()).toContain("The demo did not get to its end. The webhook message.read: in vain.");
    expect(text()).toContain("the last words");
    expect(text()).not.toContain("    at ");
  });

  test("ends with 1 when its parties cannot be started", async () => {
    const { code, text } = demo({
      raise: () => Promise.reject(new DemoFailure("The server ended before it served.")),
    });
    expect(await code).toBe(1);
    expect(text()).toContain("The server ended before it served.");
  });

  test("stays up until it is interrupted", async () => {
    const { code, enough, struck, text } = demo({ once: false });
    await until(() => text().includes("Ctrl-C ends everything"));
    expect(struck).toEqual([]);
    enough.abort();
    expect(await code).toBe(0);
    expect(struck).toEqual(["struck"]);
  });

  test("ends with 1 when its server ends while it stays up", async () => {
    const { code, text } = demo({ once: false, ended: Promise.resolve() });
    expect(await code).toBe(1);
    expect(text()).toContain("The server has ended by itself.");
  });

  test("that was to go through once is no success when it is interrupted", async () => {
    const { code, enough, struck } = demo({ tell: () => new Promise(() => {}) });
    enough.abort();
    expect(await code).toBe(130);
    expect(struck).toEqual(["struck"]);
  });
});

describe("waiting", () => {
  test("for something ends in words when its time is over", async () => {
    const never = new Promise(() => {});
    await expect(within("The webhook", 1, never)).rejects.toThrow(
      "The webhook: waited 0.001 s in vain.",
    );
    await expect(within("The webhook", 60_000, Promise.resolve(7))).resolves.toBe(7);
  });

  test("ends at once when nobody waits any more", async () => {
    const enough = new AbortController();
    const waiting = within("The webhook", 60_000, new Promise(() => {}), enough.signal);
    enough.abort();
    await expect(waiting).rejects.toThrow(DemoFailure);
  });
});

/** Lets everything that is not outside this process have its turn until it is true. */
async function until(isTrue: () => boolean): Promise<void> {
  for (let turn = 0; turn < 1_000 && !isTrue(); turn++) await Promise.resolve();
}
