import type { EndpointView } from "../directory/directory.ts";
import type { EndpointAccess } from "../directory/sending.ts";
import type { PostResult } from "./attempt.ts";
import { MOST_SLOTS_AN_ENDPOINT } from "./lane.ts";

/** Connections that nothing has used for so long are closed. */
const UNUSED_MS = 60_000;

/** The connections to one endpoint. */
export interface Target {
  post(request: {
    headers: Record<string, string>;
    body: string;
    deadlineMs: number;
  }): Promise<PostResult>;
  close(): Promise<void>;
}

export type OpenTarget = (
  key: string,
  options: { url: string; maxConnections: number } & EndpointAccess,
) => Target;

/** One pool of connections an endpoint; another URL, certificate or token is another pool. */
export class Targets {
  readonly #open: OpenTarget;
  readonly #clock: { monotonic(): number };
  readonly #targets = new Map<number, { key: string; target: Target; usedAt: number }>();

  constructor(open: OpenTarget, clock: { monotonic(): number }) {
    this.#open = open;
    this.#clock = clock;
  }

  of(endpoint: EndpointView): Target {
    const now = this.#clock.monotonic();
    const known = this.#targets.get(endpoint.serial);
    if (known?.key === endpoint.connectionKey) {
      known.usedAt = now;
      return known.target;
    }
    if (known) void known.target.close();
    const target = this.#open(`${endpoint.serial} ${endpoint.connectionKey}`, {
      ...endpoint.access,
      url: endpoint.url,
      maxConnections: MOST_SLOTS_AN_ENDPOINT,
    });
    this.#targets.set(endpoint.serial, { key: endpoint.connectionKey, target, usedAt: now });
    return target;
  }

  closeIfUnused(serial: number, now: number): void {
    const known = this.#targets.get(serial);
    if (!known || now - known.usedAt < UNUSED_MS) return;
    this.#targets.delete(serial);
    void known.target.close();
  }

  async close(): Promise<void> {
    await Promise.all([...this.#targets.values()].map(({ target }) => target.close()));
  }
}
