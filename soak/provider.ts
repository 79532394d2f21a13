import { mustEnd } from "../bench/ending.ts";
import {
  type FaultInput,
  type Simulator,
  startSimulator,
} from "../packages/simulator/src/index.ts";
import type { Fleet } from "./fleet.ts";

export const APP_SECRET = "the-app-secret-of-a-soak";
export const VERIFY_TOKEN = "a-verify-token";
export const PUBLIC_URL = "https://curlew.example";
const PHONE_NUMBER_ID = "106540352242922";
const PAGE = "309900000000001";
const INSTAGRAM = "17841400000000001";
const SMS_NUMBER = "+15558675310";
const SMS_ACCOUNT = "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
const SMS_TOKEN = "simulated-auth-token";
const PEOPLE = 40;
/** How often the provider looks whether a webhook that was refused has to be repeated. */
const TICK_MS = 1_000;

/** What goes wrong at the provider, one after the other. */
const FAULTS: readonly FaultInput[] = [
  { kind: "error", code: 130429, count: 3 },
  { kind: "bare", status: 502, accept: true },
  { kind: "drop", count: 2 },
  { kind: "delay", ms: 3_000, count: 3 },
  { kind: "bare", status: 503, accept: false, count: 2 },
  { kind: "cut" },
  { kind: "close", count: 2 },
  { kind: "error", code: 131016, count: 2 },
  { kind: "hang" },
];

/** The providers, and those who write to the channels by them. */
export interface Provider {
  simulator: Simulator;
  /** Somebody writes: to another channel, and in another way, each time. */
  write(n: number): Promise<void>;
  /** The ids of messages that must be told of in the end. */
  readonly written: ReadonlySet<string>;
  /** The next fault, or another order of statuses. */
  misbehave(): void;
  behave(): void;
  /** How often each text was taken. */
  takenTexts(): Map<string, number>;
  /** How many requests the faults have met. */
  faults(): number;
}

export async function startProvider(): Promise<Provider> {
  const simulator = await startSimulator({
    ...{ appSecret: APP_SECRET, verifyToken: VERIFY_TOKEN, tickEveryMs: TICK_MS },
    ...{ webhookTimeoutMs: 10_000, keepRequests: 100 },
  });
  mustEnd(() => simulator.close());
  const { social, twilio } = simulator;
  social.putAccount({ id: PAGE, kind: "page", name: "Shop" });
  social.putAccount({ id: INSTAGRAM, kind: "instagram", name: "Shop" });
  simulator.configure({ statuses: "sent,delivered,read", throughput_per_s: 0, pair_every_ms: 0 });
  social.configure({ echoes: "after", deliveries: true, reads: true, delay_ms: 30 });
  twilio.configure({ statuses: "sent,delivered" });
  const written = new Set<string>();
  let turn = 0;
  let met = 0;

  const each = (n: number) => `${n} of ${PEOPLE}: is it still there?`;
  async function write(n: number): Promise<void> {
    const person = n % PEOPLE;
    // Meta repeats itself, now and then at once.
    const repeat = n % 7 === 0 ? { repeat: 3, parallel: n % 2 === 0 } : {};
    switch (n % 8) {
      case 0: {
        const items = [1, 2, 3].map((i) => ({
          kind: "message" as const,
          from: `1650555${1000 + ((person + i) % PEOPLE)}`,
          text: each(n),
        }));
        keep(await simulator.emitBatch({ items, order: "shuffle", seed: n, grouping: "together" }));
        return;
      }
      case 1:
      case 2:
        keep(await social.emitMessage({ from: psid(person), to: PAGE, text: each(n), ...repeat }));
        return;
      case 3:
        keep(await social.emitMessage({ from: igsid(person), to: INSTAGRAM, text: each(n) }));
        return;
      case 4:
        // Twilio does not repeat what was refused: a lost one is found in its log hours later.
        await twilio.emitMessage({ from: `+1401712${2000 + person}`, body: each(n) });
        return;
      default:
        keep(
          await simulator.emitMessage({
            from: `1650555${1000 + person}`,
            name: `Person ${person}`,
            text: each(n),
            ...repeat,
          }),
        );
    }
  }

  function keep({ ids }: { ids: readonly string[] }): void {
    for (const id of ids) written.add(id);
  }

  return {
    ...{ simulator, write, written },
    misbehave() {
      turn++;
      met += simulator.faults().faults.length === 0 ? 1 : 0;
      const fault = FAULTS[turn % FAULTS.length];
      if (fault && simulator.faults().faults.length === 0) simulator.addFaults(fault);
      const order = { duplicate: turn % 3 === 0, reverse: turn % 4 === 0 };
      simulator.configure({ statuses: { ...order, before_answer: turn % 5 === 0 } });
      social.configure({ duplicate: turn % 3 === 0, echoes: turn % 2 === 0 ? "before" : "after" });
      twilio.configure(order);
    },
    behave() {
      simulator.clearFaults();
    },
    takenTexts() {
      const texts = [
        ...simulator.accepted().messages.map(({ body }) => bodyOf(body["text"])),
        ...social.accepted().messages.map(({ text }) => text),
        ...twilio.accepted().messages.map(({ body }) => body),
      ];
      const counts = new Map<string, number>();
      for (const text of texts) if (text !== null) counts.set(text, (counts.get(text) ?? 0) + 1);
      return counts;
    },
    faults: () => met,
  };
}

function bodyOf(text: unknown): string | null {
  return typeof text === "object" && text !== null && "body" in text ? String(text.body) : null;
}

const psid = (person: number) => `246800000000${10_000 + person}`;
const igsid = (person: number) => `13570000${10_000 + person}`;

/** The channels on the servers, and the way to them. */
export async function connectChannels(fleet: Fleet, { simulator }: Provider): Promise<void> {
  const meta = { access_token: "EAAsoak" };
  const channels = [
    { kind: "whatsapp", external_id: PHONE_NUMBER_ID, credentials: meta },
    { kind: "messenger", external_id: PAGE, credentials: meta },
    { kind: "instagram", external_id: INSTAGRAM, credentials: meta },
    {
      kind: "sms",
      external_id: SMS_NUMBER,
      credentials: { account_sid: SMS_ACCOUNT, auth_token: SMS_TOKEN },
    },
  ];
  for (const channel of channels) {
    const { status, body } = await fleet.call("POST", "/channels", { name: "Shop", ...channel });
    if (status !== 201) throw new Error(`${channel.kind}: ${status} ${JSON.stringify(body)}`);
  }
  const { url } = fleet.balancer;
  await simulator.subscribe({ url: `${url}/in/meta`, verify_token: VERIFY_TOKEN });
  simulator.twilio.putNumber({ phone_number: SMS_NUMBER, sms_url: `${PUBLIC_URL}/in/twilio` });
  simulator.twilio.configure({ connect_to: url });
}
