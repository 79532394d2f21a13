import { createHmac } from "node:crypto";
import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { sharedNow } from "../clock.ts";
import { Records } from "../figures/records.ts";
import { answerParent } from "./remote.ts";

/** A bare receiver: as little HTTP as the senders here need, so that it costs next to nothing. */
export type ReceiverApi = typeof api;

const HEAD_END = Buffer.from("\r\n\r\n");
const LENGTH = Buffer.from("content-length: ");
const ID = Buffer.from("webhook-id: evt_");
/** `POST /e/12 HTTP/1.1`: where the endpoint's number begins. */
const NUMBER_AT = "POST /e/".length;
const ZERO = 48;
const SPACE = 32;
const ANSWER = Buffer.from("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
const MOST_ENDPOINTS = 65_536;
/** One request in so many has its signature checked. */
const SAMPLE = 512;
const MOST_PENDING_BYTES = 1024 * 1024;

const servers: Server[] = [];
const records = new Records();
const counts = new Float64Array(MOST_ENDPOINTS);
let total = 0;
let bodyBytes = 0;
let malformed = 0;
let verified = 0;
let forged = 0;
let isRecording = false;
let secrets: readonly string[] = [];
let hanging = new Set<number>();
const hung = new Set<Socket>();

const api = {
  /** Listens on so many ports of this machine's loopback address, and names them. */
  async listen(ports: number): Promise<number[]> {
    const found: number[] = [];
    for (let i = 0; i < ports; i++) {
      const server = createServer({ noDelay: true }, (socket) => new Connection(socket));
      servers.push(server);
      await once(server.listen(0, "127.0.0.1"), "listening");
      const address = server.address();
      if (address === null || typeof address === "string") throw new Error("no port was given");
      found.push(address.port);
    }
    return found;
  },
  /** Whether every request is recorded, and the secrets of the endpoints by number. */
  expect(o: { isRecording: boolean; secrets: readonly string[] }): void {
    isRecording = o.isRecording;
    secrets = o.secrets;
  },
  /** From now on these endpoints take requests and never answer. */
  hang(endpoints: readonly number[]): void {
    hanging = new Set(endpoints);
  },
  /** Closes the connections that wait for an answer which never comes. */
  letGo(): void {
    for (const socket of hung) socket.destroy();
  },
  count: () => ({ at: sharedNow(), total, bodyBytes, malformed, verified, forged }),
  countEach: (endpoints: number) => ({
    at: sharedNow(),
    counts: [...counts.subarray(0, endpoints)],
  }),
  flush(path: string): void {
    records.flush(path);
  },
  forget(): void {
    records.forget();
  },
};

class Connection {
  readonly #socket: Socket;
  #pending: Buffer | null = null;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (chunk: Buffer) => this.#take(chunk));
    socket.on("error", () => socket.destroy());
  }

  #take(chunk: Buffer): void {
    const bytes = this.#pending === null ? chunk : Buffer.concat([this.#pending, chunk]);
    this.#pending = null;
    let at = 0;
    while (at < bytes.length) {
      const next = this.#request(bytes, at);
      if (next < 0) {
        this.#pending = bytes.subarray(at);
        if (this.#pending.length > MOST_PENDING_BYTES) this.#refuse();
        return;
      }
      at = next;
    }
  }

  /** Takes the request that begins at `at` and says where the next one does; -1 while it is not whole. */
  #request(bytes: Buffer, at: number): number {
    const bodyAt = bytes.indexOf(HEAD_END, at) + HEAD_END.length;
    if (bodyAt < HEAD_END.length) return -1;
    const lengthAt = bytes.indexOf(LENGTH, at);
    const idAt = bytes.indexOf(ID, at) + ID.length;
    if (lengthAt < 0 || lengthAt > bodyAt || idAt < ID.length || idAt > bodyAt) {
      malformed++;
      this.#refuse();
      return bytes.length;
    }
    const end = bodyAt + numberAt(bytes, lengthAt + LENGTH.length);
    if (end > bytes.length) return -1;
    const endpoint = numberAt(bytes, at + NUMBER_AT) % MOST_ENDPOINTS;
    counts[endpoint] = (counts[endpoint] ?? 0) + 1;
    total++;
    bodyBytes += end - bodyAt;
    if (isRecording) records.add(bytes, idAt, endpoint, sharedNow(), 0);
    if (total % SAMPLE === 0)
      check(bytes.toString("latin1", at, bodyAt), endpoint, bytes.subarray(bodyAt, end));
    if (hanging.size === 0 || !hanging.has(endpoint)) this.#socket.write(ANSWER);
    else this.#keep();
    return end;
  }

  #keep(): void {
    hung.add(this.#socket);
    this.#socket.once("close", () => hung.delete(this.#socket));
  }

  #refuse(): void {
    this.#socket.end("HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n");
  }
}

function numberAt(bytes: Buffer, at: number): number {
  let value = 0;
  for (let i = at; ; i++) {
    const digit = (bytes[i] ?? SPACE) - ZERO;
    if (digit < 0 || digit > 9) return value;
    value = value * 10 + digit;
  }
}

/** Standard Webhooks, written down once more: a witness shares no code with whom it watches. */
function check(head: string, endpoint: number, body: Buffer): void {
  const secret = secrets[endpoint];
  if (secret === undefined) return;
  const header = (name: string) => new RegExp(`^${name}: (.*)$`, "m").exec(head)?.[1]?.trim() ?? "";
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  const signature = createHmac("sha256", key)
    .update(`${header("webhook-id")}.${header("webhook-timestamp")}.`)
    .update(body)
    .digest("base64");
  if (header("webhook-signature").split(" ").includes(`v1,${signature}`)) verified++;
  else forged++;
}

answerParent(api);
