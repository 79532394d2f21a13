import { createHash } from "node:crypto";
import { once } from "node:events";
import type { Readable, Writable } from "node:stream";
import { StartError } from "../../core/start-error.ts";

/**
 * A backup is one gzip stream of entries. The first line says what it is, the second is the header; then
 * every entry is a line of JSON, its body in chunks (four bytes of length, most significant first, then
 * so many bytes; a length of 0 ends it) and a line of JSON with the body's length and SHA-256. The last
 * line says how many entries there were: a file without it was cut off.
 */
const MAGIC = "curlew backup";
export const FORMAT = 1;

export interface BackupHeader {
  format: number;
  /** The Curlew that took it. */
  version: string;
  /** The PostgreSQL that it was taken from: for people. */
  postgres: string;
  /** ISO 8601. */
  takenAt: string;
  /** The migrations that its tables have, in order. */
  schema: readonly string[];
  /** Names of the master keys that something in it is sealed with. */
  keyIds: readonly string[];
}

/** What precedes a body. */
export type EntryHead =
  /** Rows as PostgreSQL's COPY writes them as text. `days` names a partitioned table's partitions. */
  | { entry: "table"; name: string; columns: readonly string[]; days?: readonly string[] }
  /** A JSON object: each sequence's last number; null where none was given. */
  | { entry: "sequences" }
  /** A file of the data directory; the path is relative, with forward slashes. */
  | { entry: "file"; path: string }
  /** The master keys as CURLEW_MASTER_KEY has them. */
  | { entry: "master key" };

interface EntryTail {
  bytes: number;
  sha256: string;
}

export class BackupWriter {
  readonly #sink: Writable;
  #entries = 0;

  constructor(sink: Writable) {
    this.#sink = sink;
  }

  async begin(header: BackupHeader): Promise<void> {
    await this.#line(MAGIC);
    await this.#line(header);
  }

  /** Writes one entry and answers how long its body was. */
  async write(head: EntryHead, body: AsyncIterable<Buffer> | Iterable<Buffer>): Promise<number> {
    await this.#line(head);
    const hash = createHash("sha256");
    let bytes = 0;
    for await (const chunk of body) {
      if (chunk.length === 0) continue;
      hash.update(chunk);
      bytes += chunk.length;
      await this.#bytes(lengthOf(chunk));
      await this.#bytes(chunk);
    }
    await this.#bytes(Buffer.alloc(4));
    await this.#line({ bytes, sha256: hash.digest("hex") } satisfies EntryTail);
    this.#entries++;
    return bytes;
  }

  async end(): Promise<void> {
    await this.#line({ entry: "end", entries: this.#entries });
  }

  #line(value: unknown): Promise<void> {
    return this.#bytes(
      Buffer.from(`${typeof value === "string" ? value : JSON.stringify(value)}\n`),
    );
  }

  async #bytes(bytes: Buffer): Promise<void> {
    if (this.#sink.errored) throw this.#sink.errored;
    if (!this.#sink.write(bytes)) await once(this.#sink, "drain");
  }
}

export interface BackupEntry {
  head: EntryHead;
  /** To be read to its end before the next entry; then it has proved to be whole. */
  body: AsyncGenerator<Buffer, void>;
}

export class BackupReader {
  readonly header: BackupHeader;
  readonly #source: ByteSource;

  private constructor(header: BackupHeader, source: ByteSource) {
    this.header = header;
    this.#source = source;
  }

  /** Reads the beginning of an unpacked backup. Throws a StartError when it is none. */
  static async open(unpacked: Readable): Promise<BackupReader> {
    const source = new ByteSource(unpacked);
    const magic = await source.line().catch(() => "");
    if (magic !== MAGIC) throw new StartError("This file is not a backup that Curlew has made.");
    const header = (await source.json()) as BackupHeader; // its own writer's
    if (header.format !== FORMAT) {
      throw new StartError(
        `This backup has the format ${header.format}, and this Curlew reads format ${FORMAT}: use the Curlew that made it (${header.version}) or a later one.`,
      );
    }
    return new BackupReader(header, source);
  }

  async *entries(): AsyncGenerator<BackupEntry, void> {
    for (let count = 0; ; count++) {
      const head = (await this.#source.json()) as EntryHead | { entry: "end"; entries: number }; // its own writer's
      if (head.entry === "end") {
        if (head.entries !== count)
          throw damaged(`${head.entries} entries, of which ${count} are there`);
        return;
      }
      yield { head, body: this.#body(head) };
    }
  }

  async *#body(head: EntryHead): AsyncGenerator<Buffer, void> {
    const hash = createHash("sha256");
    let bytes = 0;
    for (;;) {
      const length = (await this.#source.bytes(4)).readUInt32BE();
      if (length === 0) break;
      const chunk = await this.#source.bytes(length);
      hash.update(chunk);
      bytes += length;
      yield chunk;
    }
    const tail = (await this.#source.json()) as EntryTail; // its own writer's
    if (tail.bytes !== bytes || tail.sha256 !== hash.digest("hex")) {
      throw damaged(`the checksum of ${nameOf(head)} does not fit`);
    }
  }
}

/** Bytes and lines of a stream, as many as are asked for. */
class ByteSource {
  readonly #chunks: AsyncIterator<Buffer>;
  #held: Buffer = Buffer.alloc(0);

  constructor(stream: Readable) {
    this.#chunks = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>; // no encoding is set
  }

  async line(): Promise<string> {
    for (;;) {
      const end = this.#held.indexOf(10);
      if (end >= 0) {
        const line = this.#held.subarray(0, end).toString("utf8");
        this.#held = this.#held.subarray(end + 1);
        return line;
      }
      if (this.#held.length > LONGEST_LINE) throw damaged("a line does not end");
      this.#held = Buffer.concat([this.#held, await this.#next()]);
    }
  }

  async json(): Promise<unknown> {
    const line = await this.line();
    try {
      return JSON.parse(line);
    } catch {
      throw damaged("a line is not what it must be");
    }
  }

  async bytes(length: number): Promise<Buffer> {
    if (length > LONGEST_CHUNK) throw damaged("a length is not what it must be");
    const parts = [this.#held];
    let have = this.#held.length;
    while (have < length) {
      const next = await this.#next();
      parts.push(next);
      have += next.length;
    }
    const all = parts.length === 1 ? this.#held : Buffer.concat(parts);
    this.#held = all.subarray(length);
    return all.subarray(0, length);
  }

  async #next(): Promise<Buffer> {
    try {
      const { value, done } = await this.#chunks.next();
      if (done) throw damaged("it ends too early");
      return value;
    } catch (error) {
      if (error instanceof StartError) throw error;
      throw damaged(error instanceof Error ? error.message : String(error));
    }
  }
}

const LONGEST_LINE = 1024 * 1024;
/** Far above what streams hand on at a time. */
const LONGEST_CHUNK = 1024 * 1024 * 1024;

function lengthOf(chunk: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(chunk.length);
  return length;
}

function nameOf(head: EntryHead): string {
  if (head.entry === "table") return `the table ${head.name}`;
  return head.entry === "file" ? `the file ${head.path}` : `the ${head.entry}`;
}

function damaged(how: string): StartError {
  return new StartError(`The backup is damaged: ${how}. Nothing of it was used; take another one.`);
}
