import type { PoolClient } from "pg";
import { type Fate, STORM_MESSAGE, type Surroundings, stormError } from "./fates.ts";

/** As long as a transaction may stand idle before the server ends it. */
const IDLE_IN_TRANSACTION_MS = 4_500;

/** What a connection knows of the process that it belongs to. */
interface Owner {
  around: Surroundings;
  /** Resolves when the process does not stand still, and never when it is gone. */
  awake(): Promise<void>;
  fateOf(lane: string, statement: unknown): Fate | null;
  /** Something that it takes for lost may be done later. */
  onUndead(): void;
}

/** One connection, whose statements have the fates that its process has them suffer. */
export class StormClient {
  readonly proxy: PoolClient;
  onReleased: () => void = () => {};
  readonly #inner: PoolClient;
  readonly #lane: string;
  readonly #owner: Owner;
  #sent: Promise<unknown> = Promise.resolve();
  #answered: Promise<unknown> = Promise.resolve();
  #isLost = false;
  #isReleased = false;
  /** It is given back when what it is still to do has been done. */
  #isUndead = false;
  #isInTransaction = false;
  #idleSince: number | null = null;

  constructor(inner: PoolClient, lane: string, owner: Owner) {
    this.#inner = inner;
    this.#lane = lane;
    this.#owner = owner;
    this.proxy = replacing(inner, {
      query: (...args) => this.#query(args),
      release: (broken?: unknown) => this.#release(Boolean(broken)),
    });
  }

  /** The connection ends: a statement under way may still be done, a transaction is rolled back. */
  lose(): void {
    this.#isLost = true;
    if (!this.#isUndead) this.#give(true);
  }

  expire(): void {
    const since = this.#idleSince;
    if (since === null || !this.#isInTransaction) return;
    if (this.#owner.around.monotonic() - since > IDLE_IN_TRANSACTION_MS) this.lose();
  }

  #release(broken: boolean): void {
    if (!this.#isUndead) this.#give(broken || this.#isLost);
    this.onReleased();
  }

  #give(broken: boolean): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    this.#inner.release(broken);
  }

  /** In the order in which they are asked, as one connection does. */
  #query(args: unknown[]): Promise<unknown> {
    const before = this.#sent;
    let sent = () => {};
    this.#sent = new Promise<void>((resolve) => {
      sent = resolve;
    });
    const lastAnswer = this.#answered;
    const answer = (async () => {
      try {
        await before;
        await this.#owner.awake();
        const asked = this.#ask(args, sent);
        asked.catch(() => {});
        await lastAnswer;
        return await asked;
      } finally {
        sent();
        await this.#owner.awake();
      }
    })();
    this.#answered = answer.catch(() => {});
    return answer;
  }

  async #ask(args: unknown[], sent: () => void): Promise<unknown> {
    if (this.#isLost)
      throw new Error("Client has encountered a connection error and is not queryable");
    const text = textOf(args[0]);
    const fate = this.#owner.fateOf(this.#lane, args[0]);
    if (fate === "unheard") {
      this.lose();
      throw reset();
    }
    if (fate === "ended") {
      this.lose();
      throw stormError("57P01");
    }
    if (fate === "undead") {
      this.#owner.onUndead();
      this.#isLost = true;
      this.#isUndead = true;
      void this.#owner.around.hold().then(async () => {
        await this.#run(args).catch(() => {});
        this.#isUndead = false;
        this.#give(true);
      });
      throw reset();
    }
    if (fate === "slow") await this.#owner.around.hold();
    const running =
      typeof fate === "object" && fate !== null
        ? this.#refuse(text, fate.refused)
        : this.#run(args);
    sent();
    const answer = await running.catch((error: unknown) => {
      throw this.#isLost ? terminated() : error;
    });
    this.#isInTransaction = text.startsWith("begin")
      ? true
      : text === "commit" || text === "rollback"
        ? false
        : this.#isInTransaction;
    if (fate === "late") {
      this.#idleSince = this.#owner.around.monotonic();
      await this.#owner.around.hold();
    }
    if (fate === "unanswered") {
      this.lose();
      throw reset();
    }
    this.#idleSince = this.#owner.around.monotonic();
    if (this.#isLost) throw terminated();
    return answer;
  }

  #run(args: unknown[]): Promise<unknown> {
    this.#idleSince = null;
    if (textOf(args[0]).startsWith("select pg_notify")) {
      const [channel, payload] = (args[0] as { values: [string, string] }).values;
      this.#owner.around.tell(channel, payload);
      return Promise.resolve({ rows: [], rowCount: 1 });
    }
    // Any form of it that the pool's client takes.
    const query = this.#inner.query.bind(this.#inner) as (...args: unknown[]) => Promise<unknown>;
    return this.#owner.around.busy(query(...args));
  }

  async #refuse(text: string, code: string): Promise<unknown> {
    const raise = `do $$ begin raise exception '${STORM_MESSAGE}' using errcode = '${code}'; end $$`;
    if (text === "rollback") return this.#run([text]);
    if (text === "commit") {
      await this.#run(["rollback"]);
      this.#isInTransaction = false;
      throw stormError(code);
    }
    if (text.startsWith("begin")) this.#isInTransaction = true;
    return this.#run([text.startsWith("begin") ? `begin; ${raise}` : raise]);
  }
}

/** A function that stands in for another. */
type Replacement = (...args: [unknown]) => unknown;

/** The same, but for some of its functions. */
export function replacing<T extends object>(of: T, replaced: Record<string, Replacement>): T {
  return new Proxy(of, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key);
      if (typeof value !== "function") return value;
      const own = replaced[String(key)];
      return own ?? (value.bind(target) as unknown);
    },
  });
}

export function textOf(statement: unknown): string {
  const text = typeof statement === "string" ? statement : (statement as { text: string }).text;
  return text.trim();
}

export function isOfServer(error: unknown): boolean {
  return error instanceof Error && "code" in error && /^[0-9A-Z]{5}$/.test(String(error.code));
}

function reset(): Error {
  return Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" });
}

function terminated(): Error {
  return new Error("Connection terminated unexpectedly");
}
