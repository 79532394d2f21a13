import type { Pool } from "pg";
import type { Connections } from "../../../src/storage/connections/connections.ts";
import { inTransaction } from "../../../src/storage/connections/transaction.ts";
import type { Fate, Spoil, Surroundings } from "./fates.ts";
import { isOfServer, replacing, StormClient, textOf } from "./storm-client.ts";

/** What is between one process and its database: connections that suffer what the storm does to them. */
export class Ether {
  readonly connections: Connections;
  /** Something that was taken for lost may have been done later. */
  hasUndead = false;
  readonly #around: Surroundings;
  /** Resolves when the process does not stand still. */
  readonly #awake: () => Promise<void>;
  readonly #clients = new Set<StormClient>();
  readonly #listeners = new Set<{ channel: string; onNotify(payload: string): void }>();
  readonly #onLost = new Set<() => void>();
  #spoils: Spoil[] = [];
  #isDeaf = false;
  #isGone = false;

  constructor(connections: Connections, around: Surroundings, awake: () => Promise<void>) {
    this.#around = around;
    this.#awake = awake;
    const pool = this.#pool("general", connections.lane("general", 4));
    this.connections = {
      ...connections,
      pool,
      lane: (name, size, options) => this.#pool(name, connections.lane(name, size, options)),
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

  calm(): void {
    this.#spoils = [];
    this.hear();
  }

  /** Nothing that others tell arrives any more, and nobody notices. */
  deafen(): void {
    this.#isDeaf = true;
  }

  hear(): void {
    if (!this.#isDeaf) return;
    this.#isDeaf = false;
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
    this.#spoils.splice(at, 1);
    return spoil.fate;
  }

  #pool(lane: string, pool: Pool): Pool {
    const connect = async () => {
      await this.#awake();
      const inner = await this.#around.busy(pool.connect());
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
