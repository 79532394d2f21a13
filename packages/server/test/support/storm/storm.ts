import { firstKeptId } from "../../../src/delivery/retention.ts";
import { readFeed } from "../../../src/storage/events/feed.ts";
import { hold } from "../../../src/storage/instance/instance-hold.ts";
import { ensurePartitions } from "../../../src/storage/retention/partitions.ts";
import { openTown, type Town } from "../engine/town.ts";
import { Air } from "./air.ts";
import { Callers } from "./callers.ts";
import { findLeft, findPassed } from "./inspection.ts";
import {
  enableAll,
  openBreaker,
  openEndpoints,
  releaseAll,
  rollUpAll,
  type StormEndpoint,
} from "./operators.ts";
import { lookAt, type Outlook } from "./outlook.ts";
import { Receivers } from "./receivers.ts";
import { PAYLOAD_MS, RETENTION_MS, Station } from "./station.ts";
import { isDisaster, type Step, type Weather } from "./steps.ts";
import { callWitness } from "./witness.ts";

/** Long enough to be taken for dead. */
const STALL_MS = 7_000;
const SUBSTEP_MS = 1_000;
/** As long as a heartbeat may be late. */
const END_SUBSTEP_MS = 2_500;
const DAY_MS = 86_400_000;
/** So long the new day is told by all clocks. */
const DAWN_MS = 6_000;
const CLOCKS_APART_MS = 60_000;
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
  #days = 0;
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
    await callWitness(town);
    storm.endpoints.push(...(await openEndpoints(town)));
    await storm.#join("all");
    await storm.#join(weather.isSecondApi ? "api" : "all");
    return storm;
  }

  /** The clocks of the machines were not the database's. */
  get isSkewed(): boolean {
    return this.#weather.skewMs !== 0;
  }

  /** Somebody may take for over what is below it. */
  get firstKept(): string {
    return firstKeptId(this.#latest + CLOCKS_APART_MS, RETENTION_MS);
  }

  /** Everybody takes bodies below the first for over, and somebody those below the second. */
  get firstBodies(): [string, string] {
    const at = (ms: number) => firstKeptId(this.#latest + ms, PAYLOAD_MS);
    return [at(-CLOCKS_APART_MS), at(CLOCKS_APART_MS)];
  }

  async take(step: Step): Promise<void> {
    this.#latest = Math.max(this.#latest, this.town.clock.now());
    this.isCalm &&= !isDisaster(step);
    this.isClockSet ||= step.does === "set clock" || step.does === "days pass";
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
        return openBreaker(town, this.#endpoint(step.endpoint));
      case "hold":
        return hold(town.database.connections.pool, { now: town.clock.now(), reason: "A storm" });
      case "release":
        return releaseAll(town);
      case "roll up":
        return rollUpAll(town);
      case "days pass":
        return this.#passDays(step.days);
      case "housekeep":
        return callers.see(this.#at(step.at), (station) => station.housekeep());
      case "expunge":
        return callers.see(this.#at(step.at), (station) => station.expunge());
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
    await releaseAll(town);
    await this.#populate();
    for (let round = 0, quiet = 0; quiet < 4; round++) {
      if (round === MOST_ROUNDS) {
        this.wrongs.push(`it never ends: ${await this.#left()}`);
        return;
      }
      // What was asked for before may only be done now.
      await enableAll(town);
      await this.#pass(END_SUBSTEP_MS, END_SUBSTEP_MS);
      quiet = (await this.#left()) === "" ? quiet + 1 : 0;
      await this.#look();
    }
    await rollUpAll(town);
    if (this.#days > 0) await this.#tidyUp();
  }

  async close(): Promise<void> {
    for (const station of this.stations) station.kill();
    this.#air.letAllGo();
    await this.#air.calm();
    await this.town.end();
  }

  /** What is still to be done, in words. */
  async #left(): Promise<string> {
    const { firstKept } = this;
    const left = await findLeft(this.town, { firstKept, position: this.#position });
    const carried = this.stations
      .filter(({ state }) => state !== "gone")
      .reduce((sum, { engine, asked }) => sum + engine.sender.carried + asked, 0);
    return carried > 0 ? `${left}, carried or asked: ${carried}` : left;
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

  async #passDays(days: number): Promise<void> {
    const { town, callers } = this;
    const now = town.clock.now() + days * DAY_MS;
    // As every process sees to, days ahead.
    await ensurePartitions(town.database.connections.pool, now, 1);
    town.clock.setNow(now);
    this.#days += days;
    callers.day = this.#days;
    await this.#pass(DAWN_MS, SUBSTEP_MS);
  }

  /** What is over goes. */
  async #tidyUp(): Promise<void> {
    const station = this.stations.find(({ state }) => state === "living");
    await station?.expunge();
    await station?.housekeep();
    await this.#air.calm();
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
    this.wrongs.push(...(await findPassed(town, this.firstKept)));
    const owner = { workspaceId: town.workspaceId, accountId: null };
    const page = await readFeed(town.database.connections.pool, owner, {
      ...{ after: this.#position, limit: 1_000, filter: EVERYTHING },
    });
    this.feed.push(...page.events.map(({ id }) => id));
    this.#position = page.position;
    await this.#watch();
  }
}
