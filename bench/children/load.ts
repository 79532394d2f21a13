import { connect, type Socket } from "node:net";
import { sharedNow, sleep } from "../clock.ts";
import { Records } from "../figures/records.ts";
import { answerParent } from "./remote.ts";
import { inbound, type Prepared, publishing, type Requests, sending } from "./requests.ts";

/** Sends requests over connections that carry one at a time: events to publish, above all. */
export type LoadApi = typeof api;

export interface LoadCounts {
  at: number;
  accepted: number;
  refused: number;
  /** What the last refusal or failure was. */
  lastTrouble: string | null;
}

const MOST_CONNECTIONS = 512;
const FINISH_MS = 20_000;
const HEAD_END = Buffer.from("\r\n\r\n");
const LENGTHS = [Buffer.from("content-length: "), Buffer.from("Content-Length: ")];
/** Stands for the id where an answer tells none. */
const NO_ID = Buffer.alloc(32);
const TOO_MANY = Buffer.from("HTTP/1.1 429 ");
const RETRY_AFTER = Buffer.from("retry-after: ");
const AFTER_FAILURE_MS = 50;

let address = { host: "127.0.0.1", port: 0 };
let requests: Requests | null = null;
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
  /** Events to publish. Half of them belong to conversations, if there are any. */
  prepare(o: Parameters<typeof publishing>[0]): void {
    setOut(o.url, publishing(o));
  },
  /** Messages of customers, as Meta tells of them. */
  prepareInbound(o: Parameters<typeof inbound>[0]): void {
    setOut(o.url, inbound(o));
  },
  /** Messages to customers. */
  prepareSends(o: Parameters<typeof sending>[0]): void {
    setOut(o.url, sending(o));
  },
  /** Sends without pause on so many connections, or evenly so many a second. */
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
  /** What was accepted: its id and group, when each was sent and when its answer came. */
  flush(path: string): void {
    records.flush(path);
  },
  forget(): void {
    records.forget();
  },
};

function setOut(url: string, made: Requests): void {
  const { hostname, port } = new URL(url);
  address = { host: hostname, port: Number(port) };
  requests = made;
}

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
    const next: Prepared | undefined = requests?.next();
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
    this.#done(0);
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
    if (this.#isAccepted(bytes, bodyAt)) {
      accepted++;
      this.#done(0);
    } else {
      refused++;
      lastTrouble = bytes.toString("utf8").slice(0, 1_000);
      const isTooMuch = bytes.subarray(0, TOO_MANY.length).equals(TOO_MANY);
      this.#done(isTooMuch ? numberAfter(bytes, RETRY_AFTER) * 1000 : 0);
    }
  }

  #isAccepted(bytes: Buffer, bodyAt: number): boolean {
    if (requests === null) return false;
    const { accepted, idAfter } = requests;
    if (!bytes.subarray(0, accepted.length).equals(accepted)) return false;
    if (idAfter === null) {
      records.add(NO_ID, 0, this.#group, this.#sentAt, sharedNow());
      return true;
    }
    const idAt = bytes.indexOf(idAfter, bodyAt) + idAfter.length;
    if (idAt < idAfter.length) return false;
    records.add(bytes, idAt, this.#group, this.#sentAt, sharedNow());
    return true;
  }

  /** Whoever is told to wait does: that is what full speed is for a client. */
  #done(waitMs: number): void {
    this.isBusy = false;
    if (isRunning && pace === null) {
      // After a failure not at once: a gateway that is gone would keep this process spinning.
      const ms = this.#socket === null ? AFTER_FAILURE_MS : waitMs;
      if (ms > 0) setTimeout(() => this.#again(), ms);
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
    const length = numberAfter(bytes, name);
    if (length > 0) return length;
  }
  return 0;
}

/** 0 where the header is absent. */
function numberAfter(bytes: Buffer, header: Buffer): number {
  const at = bytes.indexOf(header);
  if (at < 0) return 0;
  return Number.parseInt(bytes.toString("latin1", at + header.length, at + header.length + 10), 10);
}

answerParent(api);
