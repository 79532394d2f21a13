import { connect, type Socket } from "node:net";
import { sharedNow, sleep } from "./clock.ts";
import { eventOf } from "./events.ts";
import { Records } from "./records.ts";
import { answerParent } from "./remote.ts";

/** Publishes events: requests made beforehand, over connections that carry one at a time. */
export type LoadApi = typeof api;

export interface LoadCounts {
  at: number;
  accepted: number;
  refused: number;
  /** What the last refusal or failure was. */
  lastTrouble: string | null;
}

const REQUESTS = 4_096;
const MOST_CONNECTIONS = 512;
const FINISH_MS = 20_000;
const HEAD_END = Buffer.from("\r\n\r\n");
const LENGTHS = [Buffer.from("content-length: "), Buffer.from("Content-Length: ")];
const ID = Buffer.from('"evt_');
const ACCEPTED = Buffer.from("HTTP/1.1 202 ");

interface Prepared {
  bytes: Buffer;
  group: number;
}

let address = { host: "127.0.0.1", port: 0 };
let prepared: Prepared[] = [];
let turn = 0;
let isRunning = false;
/** Requests a second, or null for as many as the connections carry. */
let pace: { perSecond: number; since: number; sent: number } | null = null;
let accepted = 0;
let refused = 0;
let lastTrouble: string | null = null;
const records = new Records();
const connections = new Set<Connection>();
const idle: Connection[] = [];

const api = {
  /** Half of the events belong to conversations, if there are any. */
  prepare(o: {
    url: string;
    key: string;
    groups: number;
    conversations: readonly string[];
    bytes: number;
  }): void {
    const { hostname, port, host } = new URL(o.url);
    address = { host: hostname, port: Number(port) };
    prepared = Array.from({ length: REQUESTS }, (_, i) => {
      const group = (i >> 1) % o.groups;
      const conversation =
        i % 2 === 0 ? null : (o.conversations[(i >> 1) % o.conversations.length] ?? null);
      const body = eventOf({ group, conversation, bytes: o.bytes });
      const head = [
        "POST /v1/events HTTP/1.1",
        `host: ${host}`,
        `authorization: Bearer ${o.key}`,
        "content-type: application/json",
        `content-length: ${Buffer.byteLength(body)}`,
      ].join("\r\n");
      return { bytes: Buffer.from(`${head}\r\n\r\n${body}`), group };
    });
  },
  /** Publishes without pause on so many connections, or evenly so many a second. */
  start(o: { connections: number; perSecond: number | null }): void {
    isRunning = true;
    accepted = 0;
    refused = 0;
    lastTrouble = null;
    pace = o.perSecond === null ? null : { perSecond: o.perSecond, since: sharedNow(), sent: 0 };
    while (connections.size < o.connections) idle.push(open());
    if (pace === null) for (const each of idle.splice(0, o.connections)) each.send();
    else tick();
  },
  /** Sends no more, and answers when everything that was sent is answered. */
  async stop(): Promise<LoadCounts> {
    isRunning = false;
    const deadline = sharedNow() + FINISH_MS;
    while (idle.length < connections.size && sharedNow() < deadline) await sleep(5);
    for (const each of connections) if (each.isBusy) each.giveUp("no answer came");
    return count();
  },
  count,
  /** The accepted events: their group, when each was sent and when its 202 came. */
  flush(path: string): void {
    records.flush(path);
  },
};

function count(): LoadCounts {
  return { at: sharedNow(), accepted, refused, lastTrouble };
}

function open(): Connection {
  const connection = new Connection();
  connections.add(connection);
  return connection;
}

/** Sends what is due. What finds no connection free opens another, up to a limit, then waits. */
function tick(): void {
  if (!isRunning || pace === null) return;
  const due = Math.floor(((sharedNow() - pace.since) * pace.perSecond) / 1000);
  while (pace.sent < due) {
    const free = idle.pop() ?? (connections.size < MOST_CONNECTIONS ? open() : null);
    if (free === null) break;
    pace.sent++;
    free.send();
  }
  setTimeout(tick, 1);
}

class Connection {
  #socket: Socket | null = null;
  #pending: Buffer | null = null;
  #group = 0;
  #sentAt = 0;
  isBusy = false;

  send(): void {
    const next = prepared[turn++ % REQUESTS];
    if (next === undefined) return;
    this.isBusy = true;
    this.#socket ??= this.#connect();
    this.#group = next.group;
    this.#sentAt = sharedNow();
    this.#socket.write(next.bytes);
  }

  giveUp(why: string): void {
    this.#socket?.destroy();
    this.#socket = null;
    this.#pending = null;
    if (!this.isBusy) return;
    refused++;
    lastTrouble = why;
    this.#done();
  }

  #connect(): Socket {
    const socket = connect({ ...address, noDelay: true });
    socket.on("data", (chunk: Buffer) => this.#take(chunk));
    socket.on("error", (error) => this.giveUp(error.message));
    socket.on("close", () => {
      if (socket === this.#socket) this.giveUp("the connection was closed");
    });
    return socket;
  }

  #take(chunk: Buffer): void {
    const bytes = this.#pending === null ? chunk : Buffer.concat([this.#pending, chunk]);
    const bodyAt = bytes.indexOf(HEAD_END) + HEAD_END.length;
    if (bodyAt < HEAD_END.length || bytes.length < bodyAt + lengthOf(bytes)) {
      this.#pending = bytes;
      return;
    }
    this.#pending = null;
    const idAt = bytes.indexOf(ID, bodyAt) + ID.length;
    if (idAt >= ID.length && bytes.subarray(0, ACCEPTED.length).equals(ACCEPTED)) {
      accepted++;
      records.add(bytes, idAt, this.#group, this.#sentAt, sharedNow());
    } else {
      refused++;
      lastTrouble = bytes.toString("utf8").slice(0, 1_000);
    }
    this.#done();
  }

  #done(): void {
    this.isBusy = false;
    if (isRunning && pace === null) {
      // After a failure not at once: a gateway that is gone would keep this process spinning.
      if (this.#socket === null) setTimeout(() => this.#again(), 50);
      else this.send();
    } else idle.push(this);
  }

  #again(): void {
    if (isRunning) this.send();
    else idle.push(this);
  }
}

function lengthOf(bytes: Buffer): number {
  for (const name of LENGTHS) {
    const at = bytes.indexOf(name);
    if (at >= 0)
      return Number.parseInt(bytes.toString("latin1", at + name.length, at + name.length + 10), 10);
  }
  return 0;
}

answerParent(api);
