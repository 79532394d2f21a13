import { CurlewError } from "../../core/errors.ts";
import type { Queryable } from "../../core/events/recording.ts";
import { SIMULATED_ADDRESSES } from "../../core/sending/simulated.ts";
import type { ProviderClient } from "../../runtime/network/provider-client.ts";
import { listChannelsAddressed } from "../../storage/channels/channels.ts";
import { type Act, applyFaults, type Faults, NO_FAULTS, perform } from "./acts.ts";
import { type SimulatorControl, simulatorControl } from "./control.ts";
import {
  introduce,
  SIMULATED_KINDS,
  type SimulatedChannel,
  type SimulatedCredentials,
  type SimulatorCallbacks,
} from "./simulated-channel.ts";
import { type PhoneEntry, sentTo } from "./thread.ts";

/** What one phone remembers of what was written on it. */
const KEPT = 200;
const MOST_PHONES = 1_000;

export interface SimulatorPhonesDeps {
  db: Queryable;
  clock: { now(): number };
  http: Pick<ProviderClient, "request">;
  /** Where the simulator listens, started when it is asked for the first time; null where there is none. */
  simulatorUrl(): Promise<string | null>;
  callbacks(): SimulatorCallbacks;
  openCredentials(sealed: string, channelId: string): string;
}

/** The phones of simulated channels: what customers do on them and what arrives. */
export class SimulatorPhones {
  readonly #deps: SimulatorPhonesDeps;
  readonly #written = new Map<string, PhoneEntry[]>();
  #faults: Faults = NO_FAULTS;

  constructor(deps: SimulatorPhonesDeps) {
    this.#deps = deps;
  }

  get faults(): Faults {
    return this.#faults;
  }

  /** The simulator has started and knows nobody yet: it is told of every simulated channel there is. */
  async started(url: string): Promise<void> {
    const { db, http, callbacks } = this.#deps;
    const control = simulatorControl(http, url);
    for (const row of await listChannelsAddressed(db, SIMULATED_ADDRESSES)) {
      const channel = this.read(row);
      if (channel !== null) await introduce(control, channel, callbacks());
    }
    await applyFaults(control, this.#faults);
  }

  /** A channel as the simulator plays it; null where it is a real one. */
  read(row: {
    id: string;
    kind: string;
    name: string;
    externalId: string;
    wabaId: string | null;
    credentials: string | null;
  }): SimulatedChannel | null {
    const kind = SIMULATED_KINDS.find((each) => each === row.kind);
    const isOurs = SIMULATED_ADDRESSES.some((start) => row.externalId.startsWith(start));
    if (!kind || !isOurs || row.credentials === null) return null;
    const opened = this.#deps.openCredentials(row.credentials, row.id);
    const credentials = JSON.parse(opened) as SimulatedCredentials; // sealed by our own routes
    return { ...row, kind, credentials };
  }

  async introduce(channel: SimulatedChannel): Promise<void> {
    await introduce(await this.#control(), channel, this.#deps.callbacks());
  }

  async act(
    channel: SimulatedChannel,
    customer: { id: string; name: string },
    act: Act,
  ): Promise<PhoneEntry> {
    const at = this.#deps.clock.now();
    const control = await this.#control();
    const { id, status } = await perform(control, channel, customer, act, this.#faults);
    const entry: PhoneEntry = {
      id: id ?? `${act.do} ${at}`,
      ...{ at, author: "customer", type: act.do, statuses: [], webhookStatus: status },
      text: wordsOf(act),
      about: act.do === "reaction" ? act.messageId : null,
    };
    const key = `${channel.id} ${customer.id}`;
    const entries = this.#written.get(key) ?? [];
    this.#written.delete(key);
    this.#written.set(key, [...entries, entry].slice(-KEPT));
    const [oldest] = this.#written.keys();
    if (this.#written.size > MOST_PHONES && oldest !== undefined) this.#written.delete(oldest);
    return entry;
  }

  /** Everything in the order in which it came. */
  async thread(channel: SimulatedChannel, customerId: string): Promise<PhoneEntry[]> {
    const written = this.#written.get(`${channel.id} ${customerId}`) ?? [];
    const sent = await sentTo(await this.#control(), channel, customerId);
    return [...written, ...sent].sort((a, b) => a.at - b.at).slice(-KEPT);
  }

  async setFaults(faults: Faults): Promise<void> {
    await applyFaults(await this.#control(), faults);
    this.#faults = faults;
  }

  async #control(): Promise<SimulatorControl> {
    const url = await this.#deps.simulatorUrl();
    if (url === null) throw new CurlewError("unavailable", "The simulator is not installed here.");
    return simulatorControl(this.#deps.http, url);
  }
}

function wordsOf(act: Act): string | null {
  if (act.do === "reaction") return act.emoji;
  return act.do === "image" ? (act.caption ?? null) : act.text;
}
