import { createHmac, randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { sharedNow } from "../bench/clock.ts";
import { mustEnd } from "../bench/ending.ts";
import type { Fleet } from "./fleet.ts";

type Behaviour = "take" | "refuse" | "hang" | "drop" | "cut" | "late";

interface Character {
  name: string;
  /** What is done with a request, given how often it came before. */
  behave(id: string, seen: number): Behaviour;
  /** Receives everything in the end. */
  isGood: boolean;
  endpoint?: object;
}

const LATE_MS = 250;
/** Longer than any of the faults here lasts. */
const PATIENT = Array(20).fill(3);

const CHARACTERS: readonly Character[] = [
  { name: "good", isGood: true, behave: () => "take" },
  { name: "slow", isGood: true, behave: () => "late" },
  {
    name: "stumbling",
    isGood: true,
    behave: (id, seen) => (seen > 0 ? "take" : stumbleOf(id)),
    endpoint: { retry_schedule: PATIENT, timeout_ms: 3_000 },
  },
  {
    name: "ordered",
    isGood: true,
    behave: (id, seen) => (seen === 0 && sumOf(id) % 25 === 0 ? "refuse" : "take"),
    endpoint: { ordering: "conversation", retry_schedule: PATIENT },
  },
  { name: "paused", isGood: true, behave: () => "take" },
  {
    name: "failing",
    isGood: false,
    behave: () => "refuse",
    endpoint: { retry_schedule: [1, 2] },
  },
  {
    name: "hanging",
    isGood: false,
    behave: () => "hang",
    endpoint: { retry_schedule: [2], timeout_ms: 1_000 },
  },
];

/** A webhook that was taken more than once. */
export interface Doubled {
  endpoint: string;
  id: string;
  /** When it was first taken, and when again. */
  first: number;
  again: number;
  /** By number, as the request says it. A higher one: the server has heard of no success of the first. */
  attempts: readonly [number, number];
}

/** An endpoint of the server's and what has come to it; instants are `sharedNow`'s. */
export interface Customer {
  name: string;
  isGood: boolean;
  id: string;
  serial: number;
  /** When each event was first taken, by its public id. */
  taken: ReadonlyMap<string, number>;
  requests(): number;
  /** Connections are refused from now on, until `listen`. */
  refuse(): Promise<void>;
  listen(): Promise<void>;
}

/** What all of them have noticed. */
export interface Notes {
  doubled: Doubled[];
  forged: string[];
  /** Events of a conversation that came after a later one. */
  disordered: string[];
  /** The event that told of a provider's message, by the provider's id; and of a published one, by its key. */
  told: Map<string, string>;
  /** What was told by two events. */
  toldTwice: string[];
  /** The last conversations that customers wrote in, by the kind of channel. */
  conversations: Map<string, string[]>;
}

const REMEMBERED = 12;

export async function openCustomers(
  fleet: Fleet,
): Promise<{ customers: Customer[]; notes: Notes }> {
  const notes: Notes = {
    ...{ doubled: [], forged: [], disordered: [], toldTwice: [] },
    ...{ told: new Map(), conversations: new Map() },
  };
  const customers: Customer[] = [];
  for (const each of CHARACTERS) customers.push(await openCustomer(fleet, each, notes));
  return { customers, notes };
}

async function openCustomer(fleet: Fleet, who: Character, notes: Notes): Promise<Customer> {
  const key = randomBytes(24);
  const taken = new Map<string, number>();
  const seen = new Map<string, number>();
  const lastSeq = new Map<string, number>();
  /** Of what was taken at another attempt than the first. */
  const attemptOf = new Map<string, number>();
  let requests = 0;

  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("error", () => {});
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      requests++;
      const body = Buffer.concat(chunks);
      const header = (name: string) => String(request.headers[name]);
      const id = header("webhook-id");
      const signature = createHmac("sha256", key)
        .update(`${id}.${header("webhook-timestamp")}.`)
        .update(body)
        .digest("base64");
      if (header("webhook-signature") !== `v1,${signature}`) {
        notes.forged.push(`${who.name}: ${id}`);
        response.writeHead(401).end();
        return;
      }
      const times = seen.get(id) ?? 0;
      if (who.name === "stumbling" || who.name === "ordered") seen.set(id, times + 1);
      const behaviour = who.behave(id, times);
      const attempt = Number(header("webhook-attempt"));
      if (behaviour === "take" || behaviour === "late") take(id, attempt, body);
      answer(response, behaviour);
    });
  });
  server.keepAliveTimeout = 60_000;

  function take(id: string, attempt: number, body: Buffer): void {
    const now = sharedNow();
    const first = taken.get(id);
    if (first !== undefined) {
      const attempts = [attemptOf.get(id) ?? 1, attempt] as const;
      notes.doubled.push({ endpoint: who.name, id, first, again: now, attempts });
      return;
    }
    taken.set(id, now);
    if (attempt > 1) attemptOf.set(id, attempt);
    if (who.name !== "good" && who.name !== "ordered") return;
    const event = JSON.parse(body.toString("utf8"));
    if (who.name === "good") remember(notes, id, event);
    else inOrder(id, event);
  }

  // biome-ignore lint/suspicious/noExplicitAny: a webhook's body, whose signature was right
  function inOrder(id: string, { conversation }: any): void {
    if (conversation === null) return;
    const before = lastSeq.get(conversation.id) ?? 0;
    if (conversation.seq < before) {
      notes.disordered.push(`${conversation.id}: ${conversation.seq} after ${before}, ${id}`);
    } else lastSeq.set(conversation.id, conversation.seq);
  }

  let port = 0;
  const listen = async () => {
    await once(server.listen(port, "127.0.0.1"), "listening");
    // A server that listens on TCP has such an address.
    port = (server.address() as AddressInfo).port;
  };
  const refuse = async () => {
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  };
  await listen();
  mustEnd(refuse);
  const { status, body } = await fleet.call("POST", "/endpoints", {
    name: who.name,
    url: `http://127.0.0.1:${port}/`,
    secret: `whsec_${key.toString("base64")}`,
    ...who.endpoint,
  });
  if (status !== 201) throw new Error(`endpoint ${who.name}: ${status} ${JSON.stringify(body)}`);
  const { id, serial } = body;
  const { name, isGood } = who;
  return { ...{ name, isGood, id, serial, taken, refuse, listen }, requests: () => requests };
}

// biome-ignore lint/suspicious/noExplicitAny: a webhook's body, whose signature was right
function remember(notes: Notes, id: string, { type, channel, conversation, data }: any): void {
  const told = type === "message.received" ? data.message.provider_id : data.key;
  if (typeof told === "string") {
    const before = notes.told.get(told);
    if (before !== undefined && before !== id) notes.toldTwice.push(`${told}: ${before}, ${id}`);
    notes.told.set(told, id);
  }
  if (type !== "message.received") return;
  const known = notes.conversations.get(channel.kind) ?? [];
  const others = known.filter((each) => each !== conversation.id);
  notes.conversations.set(channel.kind, [...others, conversation.id].slice(-REMEMBERED));
}

function answer(response: ServerResponse, behaviour: Behaviour): void {
  switch (behaviour) {
    case "take":
      response.writeHead(200).end();
      return;
    case "late":
      setTimeout(() => response.writeHead(200).end(), LATE_MS);
      return;
    case "refuse":
      response.writeHead(503).end();
      return;
    case "drop":
      response.destroy();
      return;
    case "cut":
      response.writeHead(500, { "content-length": "100" });
      response.write("half an answer", () => response.destroy());
      return;
    case "hang":
  }
}

function stumbleOf(id: string): Behaviour {
  const sum = sumOf(id);
  if (sum % 97 === 0) return "hang";
  if (sum % 20 === 0) return "drop";
  if (sum % 15 === 0) return "cut";
  return sum % 5 === 0 ? "refuse" : "take";
}

function sumOf(text: string): number {
  let sum = 0;
  for (const character of text) sum += character.charCodeAt(0);
  return sum;
}
