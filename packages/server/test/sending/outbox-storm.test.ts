import fc from "fast-check";
import { expect, test } from "vitest";
import { CurlewError } from "../../src/core/errors.ts";
import type { MakeAcceptor, Queryable } from "../../src/core/events/recording.ts";
import { publicId } from "../../src/core/ids.ts";
import type { ProviderAnswer } from "../../src/core/outside/provider-http.ts";
import {
  accepted,
  lost,
  openPostOffice,
  type PostOffice,
  refusedBy,
  type Station,
  unreachable,
} from "../support/messages/post-office.ts";

const RUNS = 60;
const PROCESSES = 2;
const DOUBT_MS = 15 * 60_000;

/** What becomes of something that a process asks its database for. */
type Fate =
  | "answered"
  /** It never arrived. */
  | "unheard"
  /** It was done, and the answer was lost. */
  | "unanswered"
  /** It was done, and the answer comes when the test lets it. */
  | "late";

/** What a provider makes of a request, at once or when the test lets it. */
interface Reply {
  kind: "accepted" | "try again" | "unreachable" | "lost";
  isLate: boolean;
}

/** A message as it was handed to its provider. */
interface Request {
  kind: Reply["kind"];
  isAnswered: boolean;
}

interface Weather {
  asked: readonly Fate[];
  recorded: readonly Fate[];
  replies: readonly Reply[];
}

type Step =
  | { does: "post"; person: number }
  | { does: "leave" | "sweep" | "die"; process: number }
  /** What is late comes, and a provider tells of a message that it has. */
  | { does: "release" | "tell"; which: number }
  | { does: "wait"; ms: number };

const process = fc.constantFrom(0, 0, 0, 1);
const [rarely, often] = [1, 4];
const fateOf = (weight: number, ...others: Fate[]) =>
  fc.oneof(
    { weight, arbitrary: fc.constant<Fate>("answered") },
    { weight: 1, arbitrary: fc.constantFrom(...others) },
  );
/** What the outbox asks by itself. */
const asked = fateOf(often, "unheard", "unanswered", "late");
/** What is recorded: who does that finds out by itself whether it was done, and always has an answer. */
const recorded = fateOf(rarely, "unheard", "late");
const reply = fc.record({
  kind: fc.constantFrom<Reply["kind"]>("accepted", "try again", "unreachable", "lost"),
  isLate: fc.boolean(),
});
const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ does: fc.constant("post"), person: fc.nat(1) }) },
  { weight: 4, arbitrary: fc.record({ does: fc.constant("leave"), process }) },
  { weight: 3, arbitrary: fc.record({ does: fc.constant("sweep"), process }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant("die"), process }) },
  { weight: 4, arbitrary: fc.record({ does: fc.constant("release"), which: fc.nat(5) }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant("tell"), which: fc.nat(5) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      does: fc.constant("wait"),
      ms: fc.constantFrom(1, 1_500, 5_000, 60_000, -10_000),
    }),
  },
) as fc.Arbitrary<Step>;

/** Processes whose database and provider answer as they were told to, in an order that the test decides. */
class Storm {
  readonly office: PostOffice;
  readonly people: { conversationId: string; contactId: string }[] = [];
  readonly #stations: Station[] = [];
  readonly #asked: Fate[];
  readonly #recorded: Fate[];
  readonly #replies: Reply[];
  readonly #late: (() => void)[] = [];
  /** What this process is doing that does more than wait for an answer that is held. */
  readonly #busy = new Map<Station, Set<string>>();
  #running = 0;
  #isOver = false;
  /** By the message's token. */
  readonly requests = new Map<string, Request[]>();
  readonly twice: string[] = [];

  private constructor(office: PostOffice, weather: Weather) {
    this.office = office;
    this.#asked = [...weather.asked];
    this.#recorded = [...weather.recorded];
    this.#replies = [...weather.replies];
    office.script(({ body }) => this.#provide(JSON.parse(body ?? "").biz_opaque_callback_data));
  }

  static async open(weather: Weather): Promise<Storm> {
    const office = await openPostOffice();
    const storm = new Storm(office, weather);
    const calm = await office.station();
    for (const from of ["16505550001", "16505550002"]) {
      storm.people.push(await office.hear(calm, from));
    }
    for (let at = 0; at < PROCESSES; at++) storm.#stations.push(await storm.#station(calm));
    return storm;
  }

  async take(step: Step): Promise<void> {
    const { office } = this;
    switch (step.does) {
      case "post": {
        const to = this.people[step.person] ?? fail("nobody");
        await office.post(this.#at(0), office.unit(to));
        break;
      }
      case "leave":
        this.#begin(this.#at(step.process), "leave", (station) => station.outbox.leaveDue());
        break;
      case "sweep":
        this.#begin(this.#at(step.process), "sweep", (station) => station.outbox.sweepOnce());
        break;
      case "die":
        // It only seems dead, and goes on when it has found out.
        await office.takeForDead(this.#at(PROCESSES - 1 - step.process));
        await this.#at(step.process).engine.beatOnce();
        break;
      case "release":
        this.#late.splice(step.which % Math.max(this.#late.length, 1), 1)[0]?.();
        break;
      case "tell": {
        const tokens = [...this.requests].flatMap(([token, requests]) =>
          requests.some(hasIt) ? [token] : [],
        );
        const token = tokens[step.which % Math.max(tokens.length, 1)];
        if (token !== undefined) await this.#tell(token);
        break;
      }
      case "wait":
        if (step.ms < 0) office.clock.setNow(office.clock.now() + step.ms);
        else await office.clock.advance(step.ms);
    }
    await this.#calm();
  }

  /** Everything is answered from now on, at once, and long enough. */
  async end(): Promise<void> {
    this.#isOver = true;
    for (let round = 0; round < 40; round++) {
      for (const release of this.#late.splice(0)) release();
      await this.office.clock.advance(round < 20 ? 60_000 : DOUBT_MS);
      for (const station of this.#stations) {
        await station.engine.beatOnce();
        this.#begin(station, "sweep", () => station.outbox.sweepOnce());
        this.#begin(station, "leave", () => station.outbox.leaveDue());
      }
      await this.#calm();
      if ((await this.office.outboxRows()).length === 0 && this.#late.length === 0) return;
    }
  }

  /** Ours, and how they stand. */
  async messages(): Promise<{ token: string; status: string }[]> {
    const rows = await this.office.rows<{ id: string; status: string }>(
      "select id, status from message where direction = 'outbound' order by id",
    );
    return rows.map(({ id, status }) => ({ token: publicId("msg", id), status }));
  }

  async #tell(token: string): Promise<void> {
    const timestamp = String(Math.trunc(this.office.clock.now() / 1000));
    const id = `wamid.${token}.${(this.requests.get(token)?.length ?? 0) - 1}`;
    const status = { id, status: "sent", timestamp, recipient_id: "16505550001" };
    await this.office.tell(this.#at(0), {
      statuses: [{ ...status, biz_opaque_callback_data: token }],
    });
  }

  #at(process: number): Station {
    return this.#stations[process] ?? fail("no such process");
  }

  async #station(calm: Station): Promise<Station> {
    const pool = calm.deps.db;
    const db: Queryable = {
      query: (config, values) => this.#ask(this.#asked, () => pool.query<never>(config, values)),
    };
    const station: Station = await this.office.station({ outbox: { db } });
    const makeAcceptor: MakeAcceptor = (spec) => {
      const acceptor = station.engine.makeAcceptor(spec);
      if (spec.name === "send") return acceptor;
      return { accept: (unit) => this.#ask(this.#recorded, () => acceptor.accept(unit)) };
    };
    return this.office
      .station({
        outbox: { db, makeAcceptor, processId: () => station.engine.membership.current.id },
      })
      .then((outer) => ({ ...outer, engine: station.engine }));
  }

  #begin(station: Station, what: string, act: (station: Station) => Promise<unknown>): void {
    const busy = this.#busy.get(station) ?? new Set();
    this.#busy.set(station, busy);
    if (busy.has(what)) return;
    busy.add(what);
    // A round that fails is repeated by who runs it.
    void act(station)
      .catch(() => {})
      .finally(() => busy.delete(what));
  }

  async #ask<Answer>(fates: Fate[], run: () => Promise<Answer>): Promise<Answer> {
    const fate = (this.#isOver ? undefined : fates.shift()) ?? "answered";
    if (fate === "unheard") throw new CurlewError("unavailable", "The database is away");
    this.#running++;
    const answer = await run().finally(() => this.#running--);
    if (fate === "unanswered") throw new Error("Connection terminated unexpectedly");
    if (fate === "late") await new Promise<void>((resolve) => this.#late.push(resolve));
    return answer;
  }

  async #provide(token: string): Promise<ProviderAnswer> {
    const requests = this.requests.get(token) ?? [];
    this.requests.set(token, requests);
    const last = requests.at(-1);
    if (last && (hasIt(last) || !last.isAnswered)) this.twice.push(token);
    const { kind, isLate } = (this.#isOver ? undefined : this.#replies.shift()) ?? TAKES;
    const request = { kind, isAnswered: false };
    const id = `wamid.${token}.${requests.push(request) - 1}`;
    if (isLate) await new Promise<void>((resolve) => this.#late.push(resolve));
    request.isAnswered = true;
    return ANSWERS[kind](id);
  }

  /** Until nothing goes on but what waits for the test. */
  async #calm(): Promise<void> {
    for (let still = 0; still < 4; still = this.#running === 0 ? still + 1 : 0) {
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

const TAKES: Reply = { kind: "accepted", isLate: false };
const ANSWERS: Record<Reply["kind"], (id: string) => ProviderAnswer> = {
  accepted: (id) => accepted(id),
  "try again": () => refusedBy(131000, 500),
  unreachable: () => unreachable,
  lost: () => lost,
};

/** The provider has the message, whether it could say so or not. */
function hasIt({ kind }: Request): boolean {
  return kind === "accepted" || kind === "lost";
}

function fail(why: string): never {
  throw new Error(why);
}

/** A second attempt is under way when the record of the first is answered. */
const LATE_RECORD: [Step[], Weather] = [
  [
    { does: "leave", process: 0 },
    { does: "wait", ms: 1_500 },
    { does: "leave", process: 0 },
    { does: "release", which: 0 },
    { does: "sweep", process: 0 },
    { does: "leave", process: 0 },
  ],
  {
    asked: [],
    recorded: ["late"],
    replies: [
      { kind: "try again", isLate: false },
      { kind: "accepted", isLate: true },
    ],
  },
];

test("whatever is lost, late or dies, no message is handed over twice, and each comes to an end", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 5, maxLength: 40 }),
      fc.record({
        asked: fc.array(asked, { maxLength: 60 }),
        recorded: fc.array(recorded, { maxLength: 20 }),
        replies: fc.array(reply, { maxLength: 20 }),
      }),
      async (steps, weather) => {
        const storm = await Storm.open(weather);
        try {
          await storm.take({ does: "post", person: 0 });
          for (const each of steps) await storm.take(each);
          await storm.end();
          expect(storm.twice).toEqual([]);
          expect(await storm.office.outboxRows()).toEqual([]);
          for (const { token, status } of await storm.messages()) {
            const wasTaken = storm.requests.get(token)?.some(hasIt);
            expect([token, status]).toEqual([
              token,
              expect.stringMatching(wasTaken ? /^(sent|unconfirmed)$/ : /^(failed|unconfirmed)$/),
            ]);
          }
        } finally {
          await storm.office.end();
        }
      },
    ),
    { numRuns: RUNS, examples: [LATE_RECORD] },
  );
}, 120_000);
