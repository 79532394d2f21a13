import { sharedNow, sleep } from "../bench/clock.ts";
import type { Notes } from "./customers.ts";
import type { Answer, Fleet } from "./fleet.ts";
import type { Provider } from "./provider.ts";

const AGAIN_MS = 300;
const SLICE_MS = 100;
/** Requests that may be under way at a time: what is slow is waited for, not piled up. */
const MOST_UNDER_WAY = 64;
/** Of what is published: inbound messages, and messages sent. */
const INBOUND_SHARE = 0.5;
const SEND_SHARE = 0.2;

/** Something that was asked to be sent. */
export interface Wish {
  text: string;
  status: number;
  /** The message's status in the answer, or the problem's code. */
  outcome: string;
}

export interface Traffic {
  /** The public ids of published events, of every request that was answered. */
  readonly accepted: ReadonlySet<string>;
  readonly wishes: readonly Wish[];
  /** Requests that got no answer, and were made again. */
  unanswered(): number;
  /** Answers of 500 and above, which were asked again too, by their code. */
  readonly faults: ReadonlyMap<string, number>;
  /** What nobody expected to be answered. */
  readonly refusals: readonly string[];
  /** Ends when everything that was begun is answered. */
  stop(): Promise<void>;
}

/** Callers that publish, write to the channels, and send, at an even pace. */
export function startTraffic(o: {
  fleet: Fleet;
  provider: Provider;
  notes: Notes;
  rate: number;
}): Traffic {
  const { fleet, provider, notes, rate } = o;
  const accepted = new Set<string>();
  const wishes: Wish[] = [];
  const faults = new Map<string, number>();
  const refusals: string[] = [];
  const underWay = new Set<Promise<void>>();
  let unanswered = 0;
  let isStopped = false;

  /** Asks until somebody answers with less than 500. */
  async function answerTo(path: string, body: object): Promise<Answer> {
    for (;;) {
      const answer = await fleet.call("POST", path, body).catch(() => null);
      if (answer === null) unanswered++;
      else if (answer.status >= 500) {
        const code = `${answer.status} ${answer.body?.code}`;
        faults.set(code, (faults.get(code) ?? 0) + 1);
      } else if (answer.status !== 429 && answer.body?.code !== "idempotency_in_progress") {
        return answer;
      }
      await sleep(AGAIN_MS);
    }
  }

  async function publish(n: number): Promise<void> {
    const count = n % 10 === 0 ? 5 : 1;
    const events = Array.from({ length: count }, (_, i) => ({
      type: n % 3 === 0 ? "order.placed" : "parcel.sent",
      data: { key: `key-${n}-${i}`, note: "x".repeat((n * 37) % 600) },
      idempotency_key: `key-${n}-${i}`,
      ...conversationFor(n),
    }));
    const { status, body } = await answerTo("/events", count === 1 ? (events[0] ?? {}) : events);
    if (status !== 202) refusals.push(`publishing: ${status} ${JSON.stringify(body)}`);
    else for (const { id } of count === 1 ? [body] : body.data) accepted.add(id);
  }

  function conversationFor(n: number): object {
    const known = notes.conversations.get("whatsapp") ?? [];
    const id = n % 2 === 0 ? known[n % Math.max(1, known.length)] : undefined;
    return id === undefined ? {} : { conversation_id: id };
  }

  async function send(n: number): Promise<void> {
    const kinds = [...notes.conversations.values()];
    const known = kinds[n % Math.max(1, kinds.length)] ?? [];
    const conversation_id = known[(n >> 2) % Math.max(1, known.length)];
    if (conversation_id === undefined) return;
    const text = `soak ${n}: your order is ready.`;
    const wish = { conversation_id, text, idempotency_key: `send-${n}` };
    const { status, body } = await answerTo("/send", wish);
    wishes.push({ text, status, outcome: status < 300 ? body.status : body.code });
  }

  function begin(work: Promise<void>): void {
    const watched = work
      .catch((error: unknown) => void refusals.push(String(error)))
      .finally(() => underWay.delete(watched));
    underWay.add(watched);
  }

  /** Begins what is due of each kind, whenever a slice of time is over. */
  async function run(): Promise<void> {
    const since = sharedNow();
    const begun = { publish: 0, inbound: 0, send: 0 };
    const shares = { publish: 1, inbound: INBOUND_SHARE, send: SEND_SHARE };
    const acts = { publish, inbound: (n: number) => provider.write(n), send };
    while (!isStopped) {
      for (const kind of ["publish", "inbound", "send"] as const) {
        const due = ((sharedNow() - since) / 1000) * rate * shares[kind];
        while (begun[kind] < due && underWay.size < MOST_UNDER_WAY) {
          begin(acts[kind](begun[kind]));
          begun[kind]++;
        }
      }
      await sleep(SLICE_MS);
    }
  }
  const running = run();
  return {
    ...{ accepted, wishes, faults, refusals },
    unanswered: () => unanswered,
    async stop() {
      isStopped = true;
      await running;
      await Promise.all(underWay);
    },
  };
}
