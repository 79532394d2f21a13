import { readFeed } from "../../../src/storage/events/feed.ts";
import { rollUp } from "../../../src/storage/figures/tally.ts";
import { hold, release } from "../../../src/storage/instance/instance-hold.ts";
import { bumpConfig } from "../../../src/storage/workspaces/config-changes.ts";
import { openTown, type Town } from "../engine/town.ts";
import { Air } from "./air.ts";
import { Callers } from "./callers.ts";
import { lookAt, type Outlook } from "./outlook.ts";
import { Receivers } from "./receivers.ts";
import { Station } from "./station.ts";
import { isDisaster, type Step, type Weather } from "./steps.ts";

interface StormEndpoint {
  id: string;
  serial: number;
  url: string;
  schedule: readonly number[];
}

const ENDPOINTS = [
  { schedule: [1, 5, 20] },
  { schedule: [2, 8], ordering: "conversation" },
  { schedule: [], rateLimit: 5 },
  { schedule: [1], ordering: "conversation" },
] as const;
const TIMEOUT_MS = 3_000;
/** Long enough to be taken for dead. */
const STALL_MS = 7_000;
const SUBSTEP_MS = 1_000;
/** As long as a heartbeat may be late. */
const END_SUBSTEP_MS = 2_500;
/** Of the end: longer than any wait that there is. */
const MOST_ROUNDS = 300;
const EVERYTHING = {
  ...{ types: [], channelKinds: [], channelIds: [], accountId: null, conversationId: null },
};

/** Processes, their database and the receivers, all of which do as they are told; and everything that was seen. */
export class Storm {
  readonly town: Town;
  readonly endpoints: StormEndpoint[] = [];
  readonly stations: Station[] = [];
  readonly receivers: Receivers;
  readonly callers: Callers;
  /** What a follower of the log was shown, in order. */
  readonly feed: string[] = [];
  /** The configuration as it was seen from time to time. */
  readonly outlooks: Outlook[] = [];
  /** Database, processes and clocks have been well. */
  isCalm = true;
  isClockSet = false;
  /** What was wrong on the way. */
  readonly wrongs: string[] = [];
  readonly #air: Air;
  readonly #weather: Weather;
  #position = "00000000-0000-0000-0000-000000000000";
  /** The latest that it ever was, whatever the clock was set to since. */
  #latest = 0;

  private constructor(town: Town, weather: Weather, conversations: readonly string[]) {
    this.town = town;
    this.callers = new Callers(town, conversations);
    this.#weather = weather;
    this.#air = new Air(town, (channel, payload) => {
      for (const station of this.stations) station.ether.notified(channel, payload);
    });
    this.receivers = new Receivers({
      sleep: (ms) => town.clock.sleep(ms),
      hold: () => this.#air.hold(),
      now: () => town.clock.now(),
    });
  }

  static async open(weather: Weather): Promise<Storm> {
    const town = await openTown();
    const conversations = [await town.conversation(), await town.conversation()];
    const storm = new Storm(town, weather, conversations);
    // Who collected under which version, written down by somebody else than the engine.
    await town.rows(
      `create table seen_endpoint (at serial, serial int, version bigint, collects bool, ordering text)`,
    );
    await town.rows(`create function see_endpoint() returns trigger language plpgsql as $$
      begin
        insert into seen_endpoint (serial, version, ordering, collects) select new.serial, w.config_version, new.ordering,
          new.deleted_at is null and (new.state in ('enabled', 'paused')
            or (new.state = 'disabled' and new.disabled_by is distinct from 'user'))
        from workspace w where w.id = new.workspace_id;
        return new;
      end $$`);
    await town.rows(`create trigger see_endpoint after insert or update on endpoint
      for each row execute function see_endpoint()`);
    for (const { schedule, ...o } of ENDPOINTS) {
      const made = await town.endpoint({
        schedule: [...schedule],
        ordering: "ordering" in o ? o.ordering : "parallel",
      });
      storm.endpoints.push({ ...made, schedule });
      await town.change("update endpoint set timeout_ms = $2, rate_limit = $3 where id = $1", [
        ...[made.id, TIMEOUT_MS, "rateLimit" in o ? o.rateLimit : null],
      ]);
    }
    await storm.#join("all");
    await storm.#join(weather.isSecondApi ? "api" : "all");
    return storm;
  }

  /** The clocks of the machines were not the database's. */
  get isSkewed(): boolean {
    return this.#weather.skewMs !== 0;
  }

  async take(step: Step): Promise<void> {
    this.#latest = Math.max(this.#latest, this.town.clock.now());
    this.isCalm &&= !isDisaster(step);
    this.isClockSet ||= step.does === "set clock";
    await this.#take(step);
    if (step.does === "publish" && step.isHurried) return;
    await this.#air.calm();
    await this.#look();
  }

  async #take(step: Step): Promise<void> {
    const { town, receivers, callers } = this;
    switch (step.does) {
      case "publish":
        return callers.publish(this.#at(step.at), step);
      case "forward":
        return callers.forward(this.#at(step.at), step);
      case "behave":
        return receivers.behave(this.#endpoint(step.endpoint).url, step.manners);
      case "wait":
        return this.#pass(step.ms, SUBSTEP_MS);
      case "let go":
        return this.#air.letGo(step.which);
      case "change": {
        const { id } = this.#endpoint(step.endpoint);
        return callers.change(this.#at(step.at), id, step.change);
      }
      case "replay one":
        return callers.replayOne(this.#at(step.at), step.which);
      case "replay many": {
        const { serial } = this.#endpoint(step.endpoint);
        return callers.replayMany(this.#at(step.at), serial, step.states);
      }
      case "open breaker":
        await town.rows(
          `insert into endpoint_health (endpoint, state, failing_since, opened_at, probe_at, changed_at)
           select $1, 'open', $2, $2, $3, $2 from endpoint where serial = $1 and deleted_at is null
           on conflict do nothing`,
          [
            this.#endpoint(step.endpoint).serial,
            new Date(town.clock.now()),
            new Date(town.clock.now() + 10_000),
          ],
        );
        return undefined;
      case "hold":
        return hold(town.database.connections.pool, { now: town.clock.now(), reason: "A storm" });
      case "release":
        return this.#release();
      case "roll up":
        return this.#rollUp();
      case "stop": {
        const station = this.#at(step.at);
        if (station?.state !== "living" || station.asked > 0) return undefined;
        void station.stop(step.graceMs);
        return undefined;
      }
      case "close":
        return this.#at(step.at)?.ether.close(step.why, step.times);
      case "restart":
        for (const { ether } of this.stations) ether.restart(step.times);
        return undefined;
      case "spoil":
        return this.#at(step.at)?.ether.spoil(step);
      case "freeze":
        return this.#at(step.at)?.freeze();
      case "thaw":
        return this.#at(step.at)?.thaw();
      case "stall": {
        const station = this.#at(step.at);
        station?.freeze();
        await this.#pass(STALL_MS, SUBSTEP_MS);
        return station?.thaw();
      }
      case "deafen":
        return this.#at(step.at)?.ether.deafen();
      case "hear":
        return this.#at(step.at)?.ether.hear();
      case "kill":
        return this.#at(step.at)?.kill();
      case "set clock":
        return town.clock.setNow(town.clock.now() + step.ms);
    }
  }

  /** All faults cease, and time passes until nothing is left to be done. */
  async end(): Promise<void> {
    const { town, receivers } = this;
    receivers.calm();
    for (const { ether } of this.stations) ether.calm();
    this.#air.letAllGo();
    for (const station of this.stations) station.thaw();
    await this.#air.calm();
    town.clock.setNow(Math.max(town.clock.now(), this.#latest));
    await this.#release();
    await this.#populate();
    for (let round = 0, quiet = 0; quiet < 4; round++) {
      if (round === MOST_ROUNDS) {
        this.wrongs.push(`it never ends: ${await this.#left()}`);
        return;
      }
      // What was asked for before may only be done now.
      await this.#enableAll();
      await this.#pass(END_SUBSTEP_MS, END_SUBSTEP_MS);
      quiet = (await this.#left()) === "" ? quiet + 1 : 0;
      await this.#look();
    }
    await this.#rollUp();
  }

  async close(): Promise<void> {
    for (const station of this.stations) station.kill();
    this.#air.letAllGo();
    await this.#air.calm();
    await this.town.end();
  }

  /** What is still to be done, in words. */
  async #left(): Promise<string> {
    const [row] = await this.town.rows<{ left: string }>(
      `select concat_ws(', ',
        (select 'retry: ' || string_agg(to_json(r)::text, ' ') from retry r having count(*) > 0),
        (select 'lanes: ' || count(*) from lane having count(*) > 0),
        (select 'jobs: ' || string_agg(to_json(j)::text, ' ') from job j where state <> 'done' having count(*) > 0),
        (select 'behind: ' || string_agg(to_json(p)::text, ' ') from endpoint p where behind_from is not null having count(*) > 0),
        (select 'receipts: ' || count(*) from purge_receipt having count(*) > 0),
        (select 'dead processes: ' || count(*) from process where state = 'dead' having count(*) > 0),
        (select 'not settled: ' || string_agg(e.id || '/' || t.endpoint, ' ')
          from event e cross join unnest(e.targets) as t (endpoint)
          where not exists (select from delivery d where d.event_id = e.id and d.endpoint = t.endpoint
            and d.state <> 'pending') having count(*) > 0)) as left`,
    );
    const carried = this.stations
      .filter(({ state }) => state !== "gone")
      .reduce((sum, { engine, asked }) => sum + engine.sender.carried + asked, 0);
    return `${row?.left ?? ""}${carried > 0 ? `, carried or asked: ${carried}` : ""}`;
  }

  #endpoint(at: number): StormEndpoint {
    const endpoint = this.endpoints[at % this.endpoints.length];
    if (!endpoint) throw new Error("there is no endpoint");
    return endpoint;
  }

  /** One of the processes that are there. */
  #at(at: number): Station | undefined {
    const there = this.stations.filter(({ state }) => state !== "gone");
    return there[at % Math.max(there.length, 1)];
  }

  /** Where nobody sends, another process comes. */
  #populate(): Promise<void> | undefined {
    const sends = ({ state, role }: Station) =>
      role === "all" && (state === "starting" || state === "living");
    return this.stations.some(sends) ? undefined : this.#join("all");
  }

  async #join(role: "all" | "api"): Promise<void> {
    const station = new Station({
      ...{ town: this.town, around: this.#air, role },
      name: `station ${this.stations.length + 1}`,
      skewMs: this.#weather.skewMs,
      openTarget: this.receivers.opener,
    });
    this.stations.push(station);
    // Who cannot start ends, and another comes.
    void station.start().catch(() => station.kill());
    await this.#air.calm();
  }

  async #enableAll(): Promise<void> {
    const { town } = this;
    const still = "deleted_at is null and state <> 'enabled'";
    if ((await town.rows(`select from endpoint where ${still}`)).length === 0) return;
    await town.database.connections.transaction(async (tx) => {
      await bumpConfig(tx, town.workspaceId);
      await tx.query(`update endpoint set state = 'enabled', disabled_by = null where ${still}`);
    });
  }

  #release(): Promise<void> {
    const { pool } = this.town.database.connections;
    return release(pool, { deliveries: true, messages: true });
  }

  async #rollUp(): Promise<void> {
    while (await this.town.database.connections.transaction(rollUp));
  }

  async #pass(ms: number, substepMs: number): Promise<void> {
    const { clock } = this.town;
    for (let left = ms; left > 0; left -= substepMs) {
      await clock.advance(Math.min(left, substepMs));
      this.#latest = Math.max(this.#latest, clock.now());
      await this.#air.calm();
      this.#air.letOldGo();
      for (const { ether } of this.stations) ether.expire();
      await this.#populate();
      await this.#air.calm();
      await this.#watch();
    }
  }

  async #watch(): Promise<void> {
    this.outlooks.push(await lookAt(this.town, this.receivers.moment));
  }

  /** What must hold at every moment. */
  async #look(): Promise<void> {
    const { town } = this;
    const passed = await town.rows<{ what: string }>(
      `select p.id || ' has passed ' || e.id || '/' || t.endpoint as what
       from event e join process p on p.id = e.owner and (p.state = 'recovered' or e.id <= p.settled_floor)
       cross join unnest(e.targets) as t (endpoint)
       join endpoint o on o.serial = t.endpoint
       where not exists (select from delivery d where d.event_id = e.id and d.endpoint = t.endpoint)
         and not exists (select from retry r where r.event_id = e.id and r.endpoint = t.endpoint)
         and (e.id > o.behind_from and e.config_version >= o.behind_version
           and (o.behind_until is null or e.config_version < o.behind_until)) is not true`,
    );
    for (const { what } of passed) this.wrongs.push(what);
    const owner = { workspaceId: town.workspaceId, accountId: null };
    const page = await readFeed(town.database.connections.pool, owner, {
      ...{ after: this.#position, limit: 1_000, filter: EVERYTHING },
    });
    this.feed.push(...page.events.map(({ id }) => id));
    this.#position = page.position;
    await this.#watch();
  }
}
