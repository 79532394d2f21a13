import { existsSync } from "node:fs";
import { pathToFileURL } from "node:url";
import type { ProviderPlaces, Sender } from "../core/sending/outgoing.ts";
import { isSimulatedAuthorization, isSimulatedSender } from "../core/sending/simulated.ts";
import type { ProviderClient } from "./network/provider-client.ts";

/** What is used of the simulator's package, which knows nothing of the server nor the server of it. */
interface SimulatorPackage {
  startSimulator(options: {
    appSecret: string;
    tickEveryMs: number;
  }): Promise<{ url: string; close(): Promise<void> }>;
}

export interface SimulatorHostDeps {
  /** Where the built package begins; null where it may not run here. */
  entry: string | null;
  /** What it signs Meta's webhooks with. */
  appSecret: string;
  /** It has just started and knows nobody yet. */
  onStarted(url: string): Promise<void>;
}

/** Repeats what a receiver has refused, as Meta does. */
const TICK_MS = 1_000;

/** Runs the simulator on loopback within this process, from when it is first needed. */
export class SimulatorHost {
  readonly #deps: SimulatorHostDeps;
  #running: Promise<{ url: string; close(): Promise<void> }> | null = null;
  #origin: string | null = null;

  constructor(deps: SimulatorHostDeps) {
    this.#deps = deps;
  }

  get isAvailable(): boolean {
    return this.#deps.entry !== null && existsSync(this.#deps.entry);
  }

  /** Whether it listens there. */
  isAt(origin: string): boolean {
    return origin === this.#origin;
  }

  /** Where it listens; null where there is none. */
  async url(): Promise<string | null> {
    const { entry, appSecret, onStarted } = this.#deps;
    if (entry === null || !this.isAvailable) return null;
    this.#running ??= (async () => {
      const module: unknown = await import(pathToFileURL(entry).href);
      const { startSimulator } = module as SimulatorPackage; // the package of this very build
      const running = await startSimulator({ appSecret, tickEveryMs: TICK_MS });
      this.#origin = new URL(running.url).origin;
      await onStarted(running.url);
      return running;
    })();
    this.#running.catch(() => {
      this.#running = null;
    });
    return (await this.#running).url;
  }

  async close(): Promise<void> {
    const running = await this.#running?.catch(() => null);
    await running?.close();
  }
}

/** Where a channel's provider is: of a simulated one it is the simulator, of all others where it was. */
export function placesWithSimulator(
  places: ProviderPlaces,
  simulatorUrl: () => Promise<string | null>,
): (sender: Sender | null) => Promise<ProviderPlaces> {
  return async (sender) => {
    if (sender === null || !isSimulatedSender(sender)) return places;
    const base = await simulatorUrl().catch(() => null);
    if (base === null) return places;
    return { ...places, meta: { ...places.meta, graphUrl: base }, twilio: { apiUrl: base } };
  };
}

/** The way to providers, on which what a simulated channel sends goes to the simulator, and nothing else does. */
export function withSimulator(
  client: ProviderClient,
  simulatorUrl: () => Promise<string | null>,
): ProviderClient {
  return {
    async request(request) {
      if (!isSimulatedAuthorization(request.headers["authorization"]))
        return client.request(request);
      const base = await simulatorUrl().catch(() => null);
      if (base === null) {
        const detail = "the simulator does not run here";
        const nowhere = { ms: 0, written: false, connection: null };
        return { kind: "failed", error: "connect", detail, ...nowhere };
      }
      const { pathname, search } = new URL(request.url);
      return client.request({ ...request, url: `${base}${pathname}${search}` });
    },
    close: () => client.close(),
  };
}
