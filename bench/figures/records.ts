import { closeSync, openSync, readFileSync, writeSync } from "node:fs";

const ID_BYTES = 26;
const TAG_AT = 28;
const RECORD_BYTES = 48;
const TIMES_AT = 32 / 8;
const RECORDS_A_CHUNK = 16_384;

/**
 * What happened to events, one record each: the id's 26 characters, a small number and two times.
 * Kept as bytes, since it is written while every microsecond counts, and read when none does.
 */
export class Records {
  #chunks: Buffer[] = [];
  #bytes = Buffer.alloc(0);
  #times = new Float64Array(0);
  #used = RECORDS_A_CHUNK;

  /** `id` begins at `at` of `from`. */
  add(from: Buffer, at: number, tag: number, firstMs: number, secondMs: number): void {
    if (this.#used === RECORDS_A_CHUNK) this.#grow();
    const offset = this.#used * RECORD_BYTES;
    from.copy(this.#bytes, offset, at, at + ID_BYTES);
    this.#bytes[offset + TAG_AT] = tag & 255;
    this.#bytes[offset + TAG_AT + 1] = tag >> 8;
    this.#times[offset / 8 + TIMES_AT] = firstMs;
    this.#times[offset / 8 + TIMES_AT + 1] = secondMs;
    this.#used++;
  }

  /** Writes everything to a file and forgets it. */
  flush(path: string): void {
    const file = openSync(path, "w");
    for (const chunk of this.#chunks) {
      const isLast = chunk === this.#bytes;
      writeSync(file, chunk, 0, (isLast ? this.#used : RECORDS_A_CHUNK) * RECORD_BYTES);
    }
    closeSync(file);
    this.forget();
  }

  forget(): void {
    this.#chunks = [];
    this.#used = RECORDS_A_CHUNK;
  }

  #grow(): void {
    const memory = new ArrayBuffer(RECORDS_A_CHUNK * RECORD_BYTES);
    this.#bytes = Buffer.from(memory);
    this.#times = new Float64Array(memory);
    this.#chunks.push(this.#bytes);
    this.#used = 0;
  }
}

/** Calls `take` with every record of a file, in the order in which they were made. */
export function readRecords(
  path: string,
  take: (id: string, tag: number, firstMs: number, secondMs: number) => void,
): void {
  const bytes = readFileSync(path);
  for (let at = 0; at < bytes.length; at += RECORD_BYTES) {
    const id = bytes.toString("latin1", at, at + ID_BYTES);
    const times = at + TIMES_AT * 8;
    take(
      id,
      bytes.readUInt16LE(at + TAG_AT),
      bytes.readDoubleLE(times),
      bytes.readDoubleLE(times + 8),
    );
  }
}
