import { V7Generator } from "uuidv7";
import type { Clock } from "../core/clock.ts";

const LATEST_MS = 2 ** 48 - 1;

export interface Ids {
  /** A new UUIDv7, above every id that this generator has given or jumped above. */
  next(): string;
  /** From now on every id is above `uuid`, however far in the future that lies. */
  jumpAbove(uuid: string): void;
  /** Everything that `next` gives from now on is above this id. */
  last(): string;
}

/** The one generator of a process: it never goes back, whatever the clock does. */
export function createIds(clock: Pick<Clock, "now">): Ids {
  const generator = new V7Generator();
  // The generator starts anew when time has gone back by more than this; ours must never.
  generator.setRollbackAllowance(LATEST_MS);
  let last = make(clock.now());

  function make(ms: number): string {
    const { bytes } = generator.generateOrResetWithTs(Math.floor(ms));
    const hex = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("hex");
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
  }

  return {
    next() {
      last = make(clock.now());
      return last;
    },
    jumpAbove(uuid) {
      const bound = uuid.toLowerCase();
      if (bound <= last) return;
      const ms = Number.parseInt(bound.slice(0, 8) + bound.slice(9, 13), 16);
      if (!(ms < LATEST_MS)) throw new Error(`no id can be above ${uuid}`);
      last = make(ms + 1);
    },
    last: () => last,
  };
}
