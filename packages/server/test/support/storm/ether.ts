import type { Pool, PoolClient } from "pg";
import type { Clock } from "../../../src/core/outside/clock.ts";
import type { Logger } from "../../../src/core/outside/log.ts";
import { type Connections, REQUEST_WAIT_MS } from "../../../src/storage/connections/connections.ts";
import { createGate, type Gate } from "../../../src/storage/connections/gate.ts";
import { inTransaction } from "../../../src/storage/connections/transaction.ts";
import { type Closed, type Fate, type Spoil, type Surroundings, stormError } from "./fates.ts";
import { isOfServer, replacing, StormClient, textOf } from "./storm-client.ts";

interface EtherDeps {
  connections: Connections;
  around: Surroundings;
  clock: Clock;
  logger: Logger;
  /** Resolves when the process does not stand still. */
  awake(): Promise<void>;
}

/** What is between one process and its database: connections that suffer what the storm does to them. */
export class Ether {
  readonly connections: Connections;
  /** Something that was taken for lost may have been done later. */
  hasUndead = false;
  readonly #around: Surroundings;
  readonly #awake: () => Promise<void>;
  readonly #gate: Gate;
  readonly #clients = new Set<StormClient>();
  readonly #listeners = new Set<{ channel: string; onNotify(payload: string): void }>();
  readonly #onLost = new Set<() => void>();
  #spoils: Spoil[] = [];
  /** What the next connections meet with. */
  #closed: Closed[] = [];
  #isDeaf = false;
  /** It hears again with the first connection that it gets. */
  #isRestarted = false;
  #isGone = false;

  constructor({ connections, around, clock, logger, awake }: EtherDeps) {
    this.#around = around;
    this.#awake = awake;
    this.#gate = createGate({ clock, logger, probe: async () => this.#knock() });
    const pool = this.#pool("general", connections.lane("general", 4), REQUEST_WAIT_MS);
    this.connections = {
      ...connections,
      pool,
      lane: (name, size, options) =>
        this.#pool(name, connections.lane(name, size, options), options?.waitMs),
      transaction: (work) => inTransaction(() => pool.connect(), work),
      listen: async (channel, onNotify, onLost) => {
        const listener = { channel, onNotify };
        this.#listeners.add(listener);
        this.#onLost.add(onLost);
        return {
          close: async () => {
            this.#listeners.delete(listener);
            this.#onLost.delete(onLost);
          },
        };
      },
    };
  }

  spoil(spoil: Spoil): void {
    this.#spoils.push({ ...spoil });
  }

  /** The next connections, `times` in all, are not to be had. */
  close(why: Closed, times: number): void {
    this.#closed.push(...Array.from({ length: times }, () => why));
  }

  /** The server ends every session, and is away for a while. */
  restart(times: number): void {
    for (const client of this.#clients) client.lose();
    this.close("ECONNREFUSED", times);
    this.close("57P03", 1);
    this.deafen();
    this.#isRestarted = true;
  }

  calm(): void {
    this.#spoils = [];
    this.#closed = [];
    this.hear();
  }

  /** Nothing that others tell arrives any more, and nobody notices. */
  deafen(): void {
    this.#isDeaf = true;
  }

  hear(): void {
    if (!this.#isDeaf) return;
    this.#isDeaf = false;
    this.#isRestarted = false;
    for (const onLost of this.#onLost) onLost();
  }

  notified(channel: string, payload: string): void {
    if (this.#isDeaf || this.#isGone) return;
    for (const listener of this.#listeners) {
      if (listener.channel === channel) void this.#awake().then(() => listener.onNotify(payload));
    }
  }

  /** The process is no more: what it had asked for may still be done, and its connections end. */
  end(): void {
    this.#isGone = true;
    for (const client of this.#clients) client.lose();
  }

  /** The server ends what has stood idle in a transaction for too long. */
  expire(): void {
    for (const client of this.#clients) client.expire();
  }

  #fateOf(lane: string, statement: unknown): Fate | null {
    const { name } = Object(statement) as { name?: string };
    const names = [lane, `${lane} ${textOf(statement)}`, name];
    const at = this.#spoils.findIndex(({ what }) => names.includes(what));
    const spoil = this.#spoils[at];
    if (!spoil) return null;
    if (spoil.skip-- > 0) return null;
    if (--spoil.times <= 0) this.#spoils.splice(at, 1);
    return spoil.fate;
  }

  /** Throws where no connection is to be had. */
  #knock(): void {
    const why = this.#closed.shift();
    if (why !== undefined) throw stormError(why);
  }

  async #open(pool: Pool): Promise<PoolClient> {
    this.#knock();
    if (this.#isRestarted) this.hear();
    return this.#around.busy(pool.connect());
  }

  #pool(lane: string, pool: Pool, waitMs?: number): Pool {
    const connect = async () => {
      await this.#awake();
      const discard = (client: PoolClient) => client.release();
      const inner = await this.#gate.pass(() => this.#open(pool), discard, waitMs);
      await this.#awake();
      const client = new StormClient(inner, lane, {
        around: this.#around,
        awake: this.#awake,
        fateOf: (place, statement) => this.#fateOf(place, statement),
        onUndead: () => {
          this.hasUndead = true;
        },
      });
      this.#clients.add(client);
      client.onReleased = () => this.#clients.delete(client);
      return client.proxy;
    };
    const query = async (...args: [unknown]) => {
      const client = await connect();
      let broken = true;
      try {
        // Whatever the pool's own takes.
        const answer: unknown = await (client.query as (...args: unknown[]) => unknown)(...args);
        broken = false;
        return answer;
      } catch (error) {
        broken = !isOfServer(error);
        throw error;
      } finally {
        client.release(broken);
      }
    };
    return replacing(pool, { connect, query });
  }
}
