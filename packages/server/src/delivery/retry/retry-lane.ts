import type { Pool } from "pg";
import { isExpunged } from "../../core/events/expunged-body.ts";
import type { Clock } from "../../core/outside/clock.ts";
import type { Logger } from "../../core/outside/log.ts";
import { inTransaction, type Tx } from "../../storage/connections/transaction.ts";
import { type Lane, listHeadless, lockLanes, promote } from "../../storage/queue/lanes.ts";
import {
  type Claim,
  type Claimed,
  claimDue,
  dropRetries,
  fetchClaimed,
  listLeases,
  peekDue,
  releaseLeases,
  scanEndpoints,
} from "../../storage/queue/retries.ts";
import { type Directory, type EndpointView, UnreadableWorkspace } from "../directory/directory.ts";
import type { Membership, Registration } from "../processes/membership.ts";
import { keyOf, type Work } from "../work.ts";
import { Beliefs } from "./beliefs.ts";
import { isFinal, isThere, workOf } from "./claimed-work.ts";

const MOST_ENDPOINTS_A_CLAIM = 100;
const MOST_A_CLAIM = 256;
/** However few endpoints are due, one gets no more at a time. */
const MOST_OF_ONE_ENDPOINT = 128;
/** How soon it is tried anew to read what could not be read. */
const UNREADABLE_MS = 30_000;
/** Lanes that are looked at in one transaction. */
const LANES_A_PAGE = 500;

export interface RetryLaneDeps {
  pool: Pool;
  directory: Directory;
  membership: Membership;
  clock: Clock;
  logger: Logger;
  /** How many more of an endpoint's deliveries are worth claiming. */
  roomFor(endpoint: EndpointView): number;
  /** Until when nothing is to be claimed for an endpoint whose breaker is open. */
  heldUntil(endpoint: EndpointView): number | null;
  offer(work: Work, endpoint: EndpointView | null): void;
  /** It was to be tried once, by a process that is gone. */
  lose(work: Work): void;
  /** There is nothing to be sent any more. */
  cancel(work: Work, reason: string): void;
}

type Leased = Pick<Work, "eventId" | "endpoint" | "n">;

/** Claims what is due in `retry`, endpoint by endpoint in turns, and hands it to the sender. */
export class RetryLane {
  readonly #deps: RetryLaneDeps;
  readonly #beliefs = new Beliefs();
  /** Where the last claim stopped, so that the next one goes on from there. */
  #turn = 0;
  /** The leases that memory stands behind, by their owner and key, and the number of the attempt that each is for. */
  #held = new Map<string, number>();
  /** The end of what is under way alone: a claim, whose leases are not held before its answer, or a search for strays. */
  #alone: Promise<unknown> = Promise.resolve();
  /** Something may have become due unheard: the next round looks for whatever waits. */
  #isInDoubt = false;

  constructor(deps: RetryLaneDeps) {
    this.#deps = deps;
  }

  /** Endpoints that are known to have something waiting. */
  get endpointsWaiting(): number {
    return this.#beliefs.size;
  }

  /** Rows that this process has leased. */
  get held(): number {
    return this.#held.size;
  }

  /** Something of an endpoint will be due at `at`: a failure was scheduled, a replay begun. */
  hint(endpoint: number, at: number): void {
    this.#beliefs.hint(endpoint, at);
  }

  /** Whatever waits for an endpoint is to be looked for, however long it has been due. */
  look(endpoint: number): void {
    this.#beliefs.look(endpoint, this.#deps.clock.now());
  }

  /**
   * Something may have become due that no hint will tell of: what was written, or asked, ended in an
   * error, and may have been done all the same.
   */
  doubt(): void {
    this.#isInDoubt = true;
  }

  /** `owner`: the registration under which it is leased. */
  holds(owner: number, leased: Leased): void {
    this.#held.set(leaseOf(owner, leased), leased.n);
  }

  /** A later attempt may have been leased before the word about this one came: that lease stays. */
  letGo(owner: number, leased: Leased): void {
    const lease = leaseOf(owner, leased);
    if (this.#held.get(lease) === leased.n) this.#held.delete(lease);
  }

  /** Forgets its leases: they stand under a registration that counts no more. */
  dropAll(): void {
    this.#held.clear();
  }

  /** When something is due next, or null when nothing is known to wait. */
  nextCheckAt(): number | null {
    return this.#beliefs.nextCheckAt();
  }

  /** Claims and hands on what is due; returns how many rows were taken. */
  async runOnce(): Promise<number> {
    if (!this.#deps.membership.isHeard) return 0;
    if (this.#isInDoubt) await this.scan();
    return this.#doubting(() => this.#round());
  }

  async #doubting<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      this.#isInDoubt = true;
      throw error;
    }
  }

  async #round(): Promise<number> {
    const { clock, membership } = this.#deps;
    const registration = membership.current;
    const now = clock.now();
    const claims = await this.#choose(now);
    if (claims.length === 0) return 0;
    const claimed = await this.#doAlone(() => this.#claim(registration, claims, now));
    // What was claimed need not wait for the look at what comes next.
    await Promise.all([
      this.#believe(claims, claimed, now),
      claimed.length > 0 ? this.#hand(registration, claimed) : undefined,
    ]);
    return claimed.length;
  }

  async #claim(registration: Registration, claims: readonly Claim[], now: number) {
    const claimed = await claimDue(this.#deps.pool, registration.id, claims, now);
    for (const row of claimed) this.holds(registration.id, row);
    return claimed;
  }

  #doAlone<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#alone.then(work);
    this.#alone = done.catch(() => {});
    return done;
  }

  /** Whose turn it is, and how much each may have. */
  async #choose(now: number): Promise<Claim[]> {
    const due = this.#beliefs.due(now);
    const from = due.findIndex((endpoint) => endpoint > this.#turn);
    const order = from <= 0 ? due : [...due.slice(from), ...due.slice(0, from)];
    const claims: Claim[] = [];
    // The more are due, the smaller each one's share: a steady trickle to many beats bursts to few.
    const share = Math.ceil(
      MOST_A_CLAIM / Math.max(1, Math.min(due.length, MOST_ENDPOINTS_A_CLAIM)),
    );
    let total = 0;
    for (const endpoint of order) {
      if (claims.length === MOST_ENDPOINTS_A_CLAIM || total >= MOST_A_CLAIM) break;
      const view = await this.#find(endpoint);
      if (view === "unreadable") {
        this.#beliefs.postpone(endpoint, now + UNREADABLE_MS);
        continue;
      }
      // What waits for a deleted endpoint is claimed too, to be cancelled.
      const room = view === null ? MOST_OF_ONE_ENDPOINT : this.#deps.roomFor(view);
      const slots = Math.min(room, share, MOST_OF_ONE_ENDPOINT, MOST_A_CLAIM - total);
      if (slots <= 0) {
        const heldUntil = view && this.#deps.heldUntil(view);
        if (heldUntil !== null && heldUntil > now) this.#beliefs.postpone(endpoint, heldUntil);
        continue;
      }
      claims.push({ endpoint, slots, lowerBound: this.#beliefs.claiming(endpoint) });
      total += slots;
      this.#turn = endpoint;
    }
    return claims;
  }

  /** An endpoint of a workspace that cannot be read waits for a release that can; the others do not. */
  async #find(endpoint: number): Promise<EndpointView | null | "unreadable"> {
    try {
      return await this.#deps.directory.findEndpoint(endpoint);
    } catch (error) {
      if (error instanceof UnreadableWorkspace) return "unreadable";
      throw error;
    }
  }

  /** Who gave less than was asked is looked at again when its next row is due. */
  async #believe(
    claims: readonly Claim[],
    claimed: readonly Claimed[],
    now: number,
  ): Promise<void> {
    const taken = new Map<number, { count: number; last: number }>();
    for (const row of claimed) {
      const entry = taken.get(row.endpoint);
      if (!entry) taken.set(row.endpoint, { count: 1, last: row.nextAt });
      else {
        entry.count++;
        entry.last = Math.max(entry.last, row.nextAt);
      }
    }
    const exhausted: number[] = [];
    for (const { endpoint, slots, lowerBound } of claims) {
      const entry = taken.get(endpoint);
      if (entry) this.#beliefs.claimed(endpoint, lowerBound, entry.last);
      if ((entry?.count ?? 0) < slots) exhausted.push(endpoint);
    }
    if (exhausted.length === 0) return;
    const peeks = exhausted.map((endpoint) => ({
      endpoint,
      lowerBound: this.#beliefs.peeking(endpoint),
    }));
    const rows = await peekDue(this.#deps.pool, peeks);
    const next = new Map(rows.map((row) => [row.endpoint, row.nextAt]));
    for (const endpoint of exhausted) this.#beliefs.peeked(endpoint, next.get(endpoint), now);
  }

  async #hand(registration: Registration, claimed: readonly Claimed[]): Promise<void> {
    const unhanded = new Set(claimed);
    try {
      await this.#handEach(registration, claimed, unhanded);
    } finally {
      // In no memory, though leased: `tidy` gives them back, or others have them.
      for (const row of unhanded) this.letGo(registration.id, row);
    }
  }

  /** Takes from `unhanded` what is in memory from now on, or gone. */
  async #handEach(
    registration: Registration,
    claimed: readonly Claimed[],
    unhanded: Set<Claimed>,
  ): Promise<void> {
    const { pool, directory, membership, clock, logger } = this.#deps;
    const fetched = new Map((await fetchClaimed(pool, claimed)).map((row) => [keyOf(row), row]));
    const dead: Claimed[] = [];
    const since = clock.monotonic();
    for (const row of claimed) {
      const found = fetched.get(keyOf(row));
      if (!found || !isThere(found) || isFinal(found, row.round)) {
        dead.push(row);
        continue;
      }
      const work = workOf(row, found, { registration, since });
      // Whoever had it replayed when its body was expunged put it here.
      const isGone = isExpunged(work.payload);
      const isSent = work.kept === null && !isGone;
      const endpoint = isSent ? await directory.findEndpoint(row.endpoint) : null;
      // Others have taken over what it stands for.
      if (!membership.counts(registration)) return;
      unhanded.delete(row);
      if (isGone) this.#deps.cancel(work, "expunged");
      else if (work.kept !== null) this.#deps.lose(work);
      else this.#deps.offer(work, endpoint);
    }
    if (dead.length === 0) return;
    logger.debug({ rows: dead.length }, "dropped retries that lead nowhere");
    const now = clock.now();
    const promoted = await this.#inTransaction((tx) => dropRetries(tx, registration.id, dead, now));
    for (const row of dead) {
      this.letGo(registration.id, row);
      unhanded.delete(row);
    }
    for (const endpoint of promoted) this.hint(endpoint, now);
  }

  /**
   * The guarantee behind hints and lower bounds: asks for every endpoint that has something waiting.
   */
  async scan(): Promise<void> {
    this.#isInDoubt = false;
    const rows = await this.#doubting(() => scanEndpoints(this.#deps.pool));
    for (const { endpoint, nextAt } of rows) this.hint(endpoint, nextAt);
  }

  /** Frees leases that no memory stands behind: a claim's answer was lost, or their owner is gone. */
  async tidy(): Promise<void> {
    if (this.#deps.membership.isHeard) await this.#doubting(() => this.#tidy());
  }

  async #tidy(): Promise<void> {
    const { pool, membership, logger } = this.#deps;
    const { id } = membership.current;
    const leases = await listLeases(pool, id);
    // What is claimed meanwhile, or was and is still to be answered, is no stray.
    await this.#doAlone(async () => {
      const stray = leases.filter((row) => row.owner === id && !this.#held.has(leaseOf(id, row)));
      if (stray.length === 0) return;
      logger.warn({ rows: stray.length }, "leases that nothing here stands behind are given back");
      await this.#release(id, stray);
    });
    const orphans = leases.filter(({ owner }) => owner !== id);
    for (const owner of new Set(orphans.map((row) => row.owner))) {
      await this.#release(
        owner,
        orphans.filter((row) => row.owner === owner),
      );
    }
  }

  /**
   * Gives a head to every lane that has lost its own. Whoever takes a head away names the next one in
   * the same transaction; this is for what was overlooked.
   */
  async promoteHeadless(): Promise<void> {
    const { pool, clock, logger } = this.#deps;
    let after: Lane | null = null;
    for (;;) {
      const lanes: Lane[] = await listHeadless(pool, after, LANES_A_PAGE);
      if (lanes.length > 0) {
        const now = clock.now();
        const promoted = await this.#inTransaction(async (tx) => {
          await lockLanes(tx, lanes);
          return promote(tx, lanes, now);
        });
        if (promoted.length > 0) logger.warn({ endpoints: promoted }, "lanes had lost their heads");
        for (const endpoint of promoted) this.hint(endpoint, now);
      }
      after = lanes.at(-1) ?? null;
      if (lanes.length < LANES_A_PAGE) return;
    }
  }

  /**
   * Gives leases back that memory lets go of, due now for anybody. It is tried once: where the answer is
   * lost they may have been taken again since, here too, and those that were not are for `tidy`.
   */
  async giveBack(owner: number, works: readonly Work[]): Promise<void> {
    // Before they are free: this process may claim them again before it hears of it.
    for (const work of works) this.letGo(owner, work);
    try {
      await this.#release(owner, works);
    } catch (error) {
      this.#deps.logger.debug({ err: error }, "leases were not given back, as far as is known");
    }
  }

  async #release(
    owner: number,
    rows: readonly { eventId: string; endpoint: number }[],
  ): Promise<void> {
    const { pool, clock } = this.#deps;
    const released = await this.#doubting(() => releaseLeases(pool, owner, rows, clock.now()));
    for (const { endpoint, nextAt } of released) this.hint(endpoint, nextAt);
  }

  #inTransaction<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.#doubting(() => inTransaction(() => this.#deps.pool.connect(), work));
  }
}

/** The same delivery may be leased anew, under another registration, while an attempt of before is under way. */
function leaseOf(owner: number, delivery: Pick<Work, "eventId" | "endpoint">): string {
  return `${owner} ${keyOf(delivery)}`;
}
