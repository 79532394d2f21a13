import { EventEmitter } from "node:events";
import { describe, expect, test } from "vitest";
import { readConfig } from "../config/config.ts";
import { type RunningApp, serve } from "./serve.ts";

const CONFIG = readConfig({ CURLEW_DATA_DIR: "/srv/curlew" });

function terminal(start: () => Promise<RunningApp>) {
  const signals = new EventEmitter();
  const printed: string[] = [];
  const complaints: string[] = [];
  const exits: number[] = [];
  const patience = new AbortController();
  const deps = {
    version: "1.2.3",
    start,
    signals,
    print: (text: string) => printed.push(text),
    complain: (text: string) => complaints.push(text),
    exit: (code: number) => exits.push(code),
    lastPatience: () => patience.signal,
  };
  return { patience, deps, signals, printed, complaints, exits };
}

const app = (more: Partial<RunningApp> = {}): RunningApp => ({
  url: "http://127.0.0.1:8400",
  adminKey: null,
  close: async () => {},
  ...more,
});

describe("a server that has started", () => {
  test("says where it is, and shows an admin key that was just made", async () => {
    const { deps, signals, printed } = terminal(async () => app({ adminKey: "curlew_admin_x" }));
    const ended = serve(CONFIG, deps);
    await turn();
    signals.emit("SIGTERM");
    expect(await ended).toBe(0);
    expect(printed).toHaveLength(1);
    for (const part of ["1.2.3", "http://127.0.0.1:8400/docs", "/srv/curlew", "curlew_admin_x"]) {
      expect(printed[0]).toContain(part);
    }
  });

  test("does not print the password of its database", async () => {
    const config = readConfig({
      DATABASE_URL: "postgresql://curlew:hunter2@db.internal:5433/prod?sslmode=require",
      CURLEW_MASTER_KEY: Buffer.alloc(32).toString("base64"),
    });
    const { deps, signals, printed } = terminal(async () => app());
    const ended = serve(config, deps);
    await turn();
    signals.emit("SIGINT");
    await ended;
    expect(printed[0]).toContain("PostgreSQL at db.internal:5433/prod\n");
    expect(printed[0]).not.toContain("hunter2");
  });
});

describe("a signal", () => {
  test("lets it finish what is under way, and a second one does not", async () => {
    let closed = () => {};
    const closing = new Promise<void>((resolve) => {
      closed = resolve;
    });
    const { deps, signals, exits } = terminal(async () => app({ close: () => closing }));
    const ended = serve(CONFIG, deps);
    await turn();
    signals.emit("SIGINT");
    await turn();
    expect(exits).toEqual([]);
    signals.emit("SIGINT");
    expect(exits).toEqual([1]);
    closed();
    expect(await ended).toBe(0);
    expect(signals.listenerCount("SIGINT") + signals.listenerCount("SIGTERM")).toBe(0);
  });

  test("that comes while it waits for what never comes ends it all the same", async () => {
    const { patience, deps, signals, printed } = terminal(() => new Promise(() => {}));
    const ended = serve(CONFIG, deps);
    await turn();
    signals.emit("SIGTERM");
    await turn();
    patience.abort();
    expect(await ended).toBe(0);
    expect(printed).toEqual([]);
  });

  test("that comes while it starts stops it as soon as it has started", async () => {
    let started = (_: RunningApp) => {};
    let closes = 0;
    const { deps, signals, printed } = terminal(
      () =>
        new Promise((resolve) => {
          started = resolve;
        }),
    );
    const ended = serve(CONFIG, deps);
    signals.emit("SIGTERM");
    started(app({ close: async () => void closes++ }));
    expect(await ended).toBe(0);
    expect(closes).toBe(1);
    expect(printed).toEqual([]);
  });
});

describe("a start that fails", () => {
  const failing = async (error: unknown) => {
    const { deps, complaints } = terminal(() => Promise.reject(error));
    expect(await serve(CONFIG, deps)).toBe(1);
    return complaints.join("\n");
  };

  test("says what to do, without a stack", async () => {
    expect(await failing(startError("The directory is in use."))).toBe("The directory is in use.");
  });

  test("names a port that is taken, and the setting", async () => {
    const taken = Object.assign(new Error("listen"), { code: "EADDRINUSE" });
    expect(await failing(taken)).toMatch(/^Port 8400 on 127\.0\.0\.1 is taken.*CURLEW_PORT\.$/);
  });

  test("shows everything when it is a fault of ours", async () => {
    expect(await failing(new TypeError("undefined is not a function"))).toContain("serve.test.ts");
  });
});

test("slips in the environment are pointed out", async () => {
  const { deps, complaints } = terminal(() => Promise.reject(startError("no")));
  await serve(readConfig({ CURLEW_PROT: "1" }), deps);
  expect(complaints[0]).toContain("CURLEW_PORT");
});

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function startError(message: string): Error {
  return Object.assign(new Error(message), { name: "StartError" });
}
