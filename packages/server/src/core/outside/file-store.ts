/** A part of a file: bytes from `start` up to and with `end`. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

export interface OpenFile {
  /** Of the whole file. */
  readonly bytes: number;
  readonly stream: AsyncIterable<Uint8Array>;
}

/** Where media are kept. Each file goes by the uuid of its medium, whose time decides the day it lies in. */
export interface FileStore {
  /** Takes over the file at `path`, whole or not at all; the same id again replaces it. */
  put(id: string, file: { path: string; bytes: number; sha256: string }): Promise<void>;
  /** Null when there is no such file. `range` lies within the file. */
  open(id: string, range: ByteRange | null): Promise<OpenFile | null>;
  /** It is gone afterwards, also when it was not there. */
  remove(id: string): Promise<void>;
  /** Removes every file of the days that had ended before an instant; answers how many days. */
  removeBefore(at: number): Promise<number>;
}
