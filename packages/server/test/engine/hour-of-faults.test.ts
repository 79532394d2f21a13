import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { publicId } from "../../src/core/ids.ts";
import { type FourShops, type Kind, openFourShops } from "../support/messages/four-shops.ts";

const SEED = 20_261_121;
const MINUTE_MS = 60_000;
const KINDS = ["whatsapp", "messenger", "instagram", "sms"] as const;

/** People by channel. Of WhatsApp's, the last ones have no telephone number. */
const PEOPLE: Record<Kind, readonly string[]> = {
  whatsapp: ["16505551234", "16505555678", "US.13491208655302741918", "DE.99120865530274191811"],
  messenger: ["24680000000000001", "24680000000000002", "24680000000000003"],
  instagram: ["13570000000001", "13570000000002", "13570000000003"],
  sms: ["+14017122661", "+14017122662", "+14017122663"],
};

/** Errors that the providers document: each is answered once, by whichever API has it. */
const META_ERRORS = [
  ...[0, 1, 2, 3, 4, 10, 33, 100, 190, 200, 230, 368, 551, 613, 1200, 2022, 10903, 10904, 80007],
  ...[130429, 130472, 130497, 131000, 131005, 131008, 131009, 131016, 131021, 131026, 131030],
  ...[131031, 131037, 131042, 131045, 131047, 131048, 131049, 131050, 131051, 131052, 131053],
  ...[131056, 131057, 131062, 132000, 132001, 132005, 132007, 132012, 132015, 132016, 132068],
  ...[132069, 133004, 133010, 135000],
];
const TWILIO_ERRORS = [
  ...[14107, 20003, 20404, 20429, 21211, 21266, 21408, 21602, 21603, 21604, 21606, 21608, 21609],
  ...[21610, 21611, 21612, 21614, 21617, 21620, 21623, 21701, 21703, 30001, 30002, 30022],
];
const LOST = [
  { kind: "drop" },
  { kind: "cut" },
  { kind: "bare", accept: true },
  { kind: "bare", accept: false },
  { kind: "close" },
] as const;

/** A small repeatable generator (mulberry32) of numbers in [0, 1). */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const random = randomNumbers(SEED);
const oneOf = <T>(all: readonly T[]): T => all[Math.floor(random() * all.length)] as T;
const happens = (share: number) => random() < share;

/** What really happened, whatever the server was told. */
const truth = {
  /** By text: who wrote it, and when. */
  written: new Map<string, { kind: Kind; person: string; at: number }>(),
  /** Files, by whether the provider has them. */
  files: { there: 0, gone: 0 },
};

let shops: FourShops;
beforeAll(async () => {
  shops = await openFourShops();
  await liveThroughAnHour();
}, 300_000);
afterAll(() => shops.end());

async function liveThroughAnHour(): Promise<void> {
  const errors = [...META_ERRORS, ...TWILIO_ERRORS];
  for (let minute = 0; minute < 60; minute += 1) {
    behave(minute);
    // For two minutes in twenty nobody takes what providers say.
    shops.away(minute % 20 === 12 || minute % 20 === 13);
    for (const kind of KINDS) await write(kind, minute);
    for (let n = 0; n < 2; n += 1) {
      const code = errors.shift();
      if (code !== undefined) shops.simulator.addFaults({ kind: "error", code });
    }
    if (minute === 20) setTokens("expired");
    if (minute === 24) setTokens("valid");
    const wishes: Wish[] = [];
    for (const kind of KINDS) wishes.push(...(await wishesOn(kind, minute)));
    const answered = Promise.all(wishes.map(ask));
    await pass(MINUTE_MS, 20_000);
    await whileTimePasses(answered);
    // Somebody looks after it every few minutes.
    if (minute % 4 === 3) await shops.mend();
  }
  expect(errors, "every error was on").toEqual([]);
  shops.away(false);
  shops.simulator.clearFaults();
  for (let round = 0; round < 60 && (await outboxSize()) > 0; round += 1) {
    await shops.mend();
    await pass(5 * MINUTE_MS, MINUTE_MS);
  }
  await shops.simulator.retryNow();
  await pass(5 * MINUTE_MS, MINUTE_MS);
}

const setTokens = (state: "expired" | "valid") =>
  shops.simulator.setToken({ token: "EAAB", state });

async function outboxSize(): Promise<number> {
  return (await shops.office.rows("select 1 from outbox")).length;
}

/** How the providers tell of what is sent, this minute. */
function behave(minute: number): void {
  const { simulator } = shops;
  const [duplicate, reverse, before] = [happens(0.5), happens(0.4), happens(0.5)];
  simulator.configure({
    ...{ throughput_per_s: 2, pair_every_ms: 6_000, pair_burst: 3 },
    statuses: { steps: "sent,delivered,read", duplicate, reverse, before_answer: before },
  });
  simulator.social.configure({
    ...{ duplicate, deliveries: true, reads: true, rate_per_s: 2 },
    echoes: minute % 3 === 2 ? "after" : "before",
  });
  simulator.twilio.configure({
    ...{ statuses: "sent,delivered", duplicate, reverse, before_answer: before, rate_per_s: 2 },
  });
}

/** Somebody writes: once or in copies, late or with what belongs to it before it, sometimes a file. */
async function write(kind: Kind, minute: number): Promise<void> {
  const { simulator, office } = shops;
  const count = 1 + Math.floor(random() * 2);
  for (let n = 0; n < count; n += 1) {
    const person = oneOf(PEOPLE[kind]);
    const text = `${kind} in ${minute}.${n}`;
    const lateMs = happens(0.2) ? 1_000 * Math.floor(random() * 300) : 0;
    const at = Math.trunc((office.clock.now() - (kind === "sms" ? 0 : lateMs)) / 1000) * 1000;
    truth.written.set(text, { kind, person, at });
    const copies = { repeat: happens(0.3) ? 3 : 1, parallel: happens(0.5) };
    if (kind === "sms") {
      const lost = happens(0.2) ? { lose_webhook: true } : {};
      await simulator.twilio.emitMessage({ from: person, body: text, ...copies, ...lost });
    } else if (kind === "whatsapp") await writeWhatsapp(person, text, at, copies);
    else {
      const id = `m_${kind}_${minute}_${n}`;
      const to = kind === "messenger" ? "117172741761305" : "17841405822304914";
      const said = { kind: "message", from: person, to, id, text, timestamp: at } as const;
      const reaction = { mid: id, emoji: "❤", reaction: "love" };
      const liked = { kind: "event", from: person, to, timestamp: at, reaction } as const;
      const items = happens(0.3) ? [said, liked] : [said];
      const order = oneOf(["given", "reverse"] as const);
      await simulator.social.emitBatch({ items, order, per_post: 1, ...copies });
    }
  }
}

async function writeWhatsapp(
  person: string,
  text: string,
  at: number,
  copies: { repeat: number; parallel: boolean },
): Promise<void> {
  const { simulator } = shops;
  const timestamp = String(at / 1000);
  const who = person.includes(".") ? { user_id: person } : { from: person };
  const said = { kind: "message", ...who, text, timestamp } as const;
  if (!happens(0.2)) {
    await simulator.emitBatch({ items: [said], ...copies });
    return;
  }
  // A file comes with it; of some the provider knows nothing any more.
  const isThere = happens(0.6);
  const { id } = simulator.addMedia({ mime_type: "text/plain", text });
  truth.files[isThere ? "there" : "gone"] += 1;
  const document = { id: isThere ? id : "1", mime_type: "text/plain", caption: `file of ${text}` };
  const file = {
    kind: "message",
    ...who,
    timestamp,
    item: { type: "document", document },
  } as const;
  const items = [said, file];
  await simulator.emitBatch({ items, order: "shuffle", per_post: 1, ...copies });
}

interface Wish {
  conversation_id: string;
  text: string;
  idempotency_key: string;
  fault: (typeof LOST)[number] | null;
  isAskedTwice: boolean;
}

/** Whom the business answers on a channel this minute. */
async function wishesOn(kind: Kind, minute: number): Promise<Wish[]> {
  const conversations = await shops.office.rows<{ id: string }>(
    `select v.id from conversation v join channel c on c.id = v.channel_id
     join contact p on p.id = v.contact_id join identity i on i.contact_id = p.id and i.channel_id = c.id
     where c.kind = $1 group by v.id order by min(i.value)`,
    [kind],
  );
  if (conversations.length === 0) return [];
  return [1, 2].slice(0, happens(0.5) ? 2 : 1).map((n) => ({
    conversation_id: publicId("cnv", oneOf(conversations).id),
    text: `${kind} out ${minute}.${n}`,
    idempotency_key: `${kind}-${minute}-${n}`,
    fault: happens(0.3) ? oneOf(LOST) : null,
    isAskedTwice: happens(0.3),
  }));
}

/** Asks for what is wished, sometimes twice under one key. */
async function ask({ fault, isAskedTwice, ...wish }: Wish): Promise<void> {
  if (fault !== null) shops.simulator.addFaults(fault);
  await Promise.all([shops.send(wish), ...(isAskedTwice ? [shops.send(wish)] : [])]);
}

/** Time goes by, and a server does what is due. */
async function pass(ms: number, stepMs: number): Promise<void> {
  for (let left = ms; left > 0; left -= stepMs) {
    await shops.office.clock.advance(stepMs);
    await shops.goRound();
  }
  await shops.lookAround();
  await shops.simulator.idle();
}

/** Whoever asked for a message is answered after some seconds at the latest. */
async function whileTimePasses(work: Promise<unknown>): Promise<void> {
  let isDone = false;
  void work.finally(() => {
    isDone = true;
  });
  while (!isDone) {
    await shops.office.clock.advance(1_000);
    await shops.goRound();
  }
  await work;
}

interface Message {
  id: string;
  status: string;
  text: string;
}

const messagesOf = async (direction: "inbound" | "outbound"): Promise<Message[]> => {
  const rows = await shops.office.rows<{ id: string; status: string; content: string }>(
    "select id, status, content from message where direction = $1",
    [direction],
  );
  return rows.map(({ id, status, content }) => ({ id, status, text: JSON.parse(content).text }));
};

function countsOf(texts: readonly (string | null | undefined)[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const text of texts) if (text != null) counts.set(text, (counts.get(text) ?? 0) + 1);
  return counts;
}

const repeated = (counts: ReadonlyMap<string, number>) =>
  [...counts].filter(([, count]) => count > 1);

/** How often each text was taken by its provider: what the customer reads. */
function takenByProviders(): Map<string, number> {
  const { simulator } = shops;
  return countsOf([
    ...simulator.accepted().messages.map(({ body }) => textIn(body)),
    ...simulator.social.accepted().messages.map(({ text }) => text),
    ...simulator.twilio.accepted().messages.map(({ body }) => body),
  ]);
}

const textIn = (body: unknown) => (body as { text?: { body?: string } }).text?.body;

describe("after an hour of traffic with every fault", () => {
  test("what was sent reached its provider once at most, and once where it is said to", async () => {
    const taken = takenByProviders();
    expect(repeated(taken)).toEqual([]);
    const messages = await messagesOf("outbound");
    expect(messages.length).toBeGreaterThan(200);
    expect(repeated(countsOf(messages.map(({ text }) => text)))).toEqual([]);
    const known = new Set(messages.map(({ text }) => text));
    expect([...taken.keys()].filter((text) => !known.has(text))).toEqual([]);
    const wrong = messages.filter(({ status, text }) => {
      const isTaken = taken.has(text);
      return ["sent", "delivered", "read"].includes(status) && !isTaken;
    });
    expect(wrong).toEqual([]);
    const statuses = countsOf(messages.map(({ status }) => status));
    // Nothing is left between.
    for (const open of ["queued", "sending"])
      expect([open, statuses.get(open)]).toEqual([open, undefined]);
    expect(await outboxSize()).toBe(0);
    expect((statuses.get("delivered") ?? 0) + (statuses.get("read") ?? 0)).toBeGreaterThan(100);
    expect(statuses.get("failed") ?? 0).toBeGreaterThan(10);
  });

  test("what failed did not reach anybody, unless its provider took it first", async () => {
    const taken = takenByProviders();
    const failed = (await messagesOf("outbound")).filter(({ status }) => status === "failed");
    const reached = failed
      .filter(({ text }) => taken.has(text))
      .map(({ id }) => publicId("msg", id));
    const told = await shops.office.events("message.sent");
    const sentBefore = new Set(told.map(({ body }) => body.data.message.id));
    expect(reached.filter((id) => !sentBefore.has(id))).toEqual([]);
  });

  test("what was lost on its way back was found again: nothing unconfirmed reached anybody", async () => {
    const taken = takenByProviders();
    const messages = await messagesOf("outbound");
    const unconfirmed = messages.filter(({ status }) => status === "unconfirmed");
    expect(unconfirmed.length).toBeGreaterThan(3);
    expect(unconfirmed.filter(({ text }) => taken.has(text))).toEqual([]);
  });

  test("each message of ours is told of once as sent, and nothing of ours as somebody else's", async () => {
    const told = await shops.office.events("message.sent");
    expect(repeated(countsOf(told.map(({ body }) => body.data.message.id)))).toEqual([]);
    expect(told.filter(({ body }) => body.data.message.actor.type === "echo")).toEqual([]);
    for (const type of ["message.failed", "message.unconfirmed"]) {
      const ends = await shops.office.events(type);
      expect(repeated(countsOf(ends.map(({ body }) => body.data.message_id))), type).toEqual([]);
    }
  });

  test("everything that customers wrote is in exactly one event", async () => {
    const told = await shops.office.events("message.received");
    const texts = told.flatMap(({ body }) => body.data.message.content.text ?? []);
    expect(countsOf(texts)).toEqual(countsOf([...truth.written.keys()]));
    expect(await shops.office.rows("select reason, payload from unroutable")).toEqual([]);
    expect(await shops.office.rows("select 1 from newcomer_item")).toEqual([]);
    const people = await shops.office.rows("select 1 from conversation");
    const wrote = new Set([...truth.written.values()].map(({ person }) => person));
    expect(people).toHaveLength(wrote.size);
  });

  test("files are here, or said to be lost", async () => {
    const states = await shops.office.rows<{ state: string }>("select state from media");
    const counts = countsOf(states.map(({ state }) => state));
    expect(Object.fromEntries(counts)).toEqual({
      stored: truth.files.there,
      failed: truth.files.gone,
    });
    expect(await shops.office.events("message.media_failed")).toHaveLength(truth.files.gone);
  });

  test("every window is that of what its customer wrote last", async () => {
    const rows = await shops.office.rows<{ value: string; at: Date }>(
      `select i.value, v.last_inbound_at as at from conversation v
       join identity i on i.contact_id = v.contact_id and i.channel_id = v.channel_id`,
    );
    const windows = new Map(rows.map(({ value, at }) => [value, Number(at)]));
    const last = new Map<string, number>();
    for (const { person, at } of truth.written.values()) {
      last.set(person, Math.max(at, last.get(person) ?? 0));
    }
    const wrong = [...last].filter(([person, at]) => {
      const window = windows.get(person);
      return window === undefined || Math.abs(window - at) >= 1_000;
    });
    expect(wrong).toEqual([]);
  });

  test("channels that were refused said so once, and said that they went on", async () => {
    const told = await shops.office.events("account.degraded", "account.connected");
    for (const kind of ["whatsapp", "messenger", "instagram", "sms"] as const) {
      const mine = told.filter(({ body }) => body.channel.kind === kind);
      const words = mine.map(({ type, body }) => `${type} ${body.data.code}`);
      expect(words.length, kind).toBeGreaterThan(1);
      expect(words.filter((word, at) => word === words[at - 1])).toEqual([]);
      expect(mine.at(-1)?.type, kind).toBe("account.connected");
    }
    const states = await shops.office.rows<{ state: string }>("select state from channel");
    expect(states.map(({ state }) => state)).toEqual(Array(4).fill("connected"));
  });
});
