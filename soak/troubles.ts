import { sharedNow, sleep } from "../bench/clock.ts";
import type { Customer } from "./customers.ts";
import type { Fleet } from "./fleet.ts";
import type { Provider } from "./provider.ts";

/** Something that was done to the servers, or to those around them; instants are `sharedNow`'s. */
export interface Trouble {
  what: Step;
  from: number;
  until: number;
}

const STEPS = [
  "a server is killed",
  "an endpoint is paused",
  "the database is killed",
  "the clock goes on by a day",
  "a receiver refuses connections",
  "a server is replaced",
  "the endpoint is resumed",
  "a server stands still",
  "the clock goes on by a day",
  "dead letters are replayed",
] as const;
type Step = (typeof STEPS)[number];

const SHORTEST_MS = 4_000;
const LONGEST_MS = 75_000;
const DAY_MS = 86_400_000;
const PROVIDER_EVERY_MS = 3_000;
/** Longer than a heartbeat may be late. */
const STILL_MS = 8_000;
const REFUSING_MS = 15_000;

/** One trouble after the other, each of them several times in an hour, until the time is over. */
export async function makeTrouble(o: {
  fleet: Fleet;
  provider: Provider;
  customers: readonly Customer[];
  /** Of the whole run; it ends a little earlier, when all has been made good. */
  ms: number;
  say(text: string): void;
}): Promise<Trouble[]> {
  const { fleet, provider, customers, ms, say } = o;
  const troubles: Trouble[] = [];
  const end = sharedNow() + ms;
  const pause = Math.min(LONGEST_MS, Math.max(SHORTEST_MS, ms / (STEPS.length + 2)));
  const named = (name: string): Customer => {
    const found = customers.find((each) => each.name === name);
    if (!found) throw new Error(`there is no customer ${name}`);
    return found;
  };

  const acts: Record<Step, () => Promise<void>> = {
    async "a server is killed"() {
      await fleet.unlucky.kill();
      await fleet.unlucky.start();
    },
    async "an endpoint is paused"() {
      await tell(`/endpoints/${named("paused").id}/pause`);
    },
    async "the endpoint is resumed"() {
      await tell(`/endpoints/${named("paused").id}/resume`);
    },
    async "the database is killed"() {
      process.kill(fleet.postmaster(), "SIGKILL");
      await tell("/endpoints", "GET");
    },
    async "the clock goes on by a day"() {
      await fleet.moveClock(1);
      await provider.simulator.moveClock({ advance_ms: DAY_MS });
    },
    async "a receiver refuses connections"() {
      const { refuse, listen } = named("stumbling");
      await refuse();
      await sleep(Math.min(REFUSING_MS, pause));
      await listen();
    },
    async "a server is replaced"() {
      await fleet.unlucky.stop();
      await fleet.unlucky.start();
    },
    async "a server stands still"() {
      fleet.unlucky.signal("SIGSTOP");
      await sleep(STILL_MS);
      fleet.unlucky.signal("SIGCONT");
    },
    async "dead letters are replayed"() {
      await tell("/dead-letters/replay", "POST", { endpoint_id: named("failing").id });
    },
  };

  /** Asks until it is done. */
  async function tell(path: string, method = "POST", body?: object): Promise<void> {
    for (;;) {
      const answer = await fleet.call(method, path, body).catch(() => null);
      if (answer && answer.status < 300) return;
      if (answer && answer.status < 500) say(`${method} ${path}: ${answer.status}`);
      if (answer && answer.status < 500) return;
      await sleep(300);
    }
  }

  let isOver = false;
  const misbehaving = (async () => {
    while (!isOver) {
      provider.misbehave();
      await sleep(PROVIDER_EVERY_MS);
    }
  })();
  for (let at = 0; sharedNow() + pause < end; at++) {
    await sleep(pause);
    const what = STEPS[at % STEPS.length] ?? STEPS[0];
    const from = sharedNow();
    await acts[what]();
    troubles.push({ what, from, until: sharedNow() });
    say(what);
  }
  await sleep(Math.max(0, end - sharedNow()));
  isOver = true;
  await misbehaving;
  provider.behave();
  await tell(`/endpoints/${named("paused").id}/resume`);
  return troubles;
}
