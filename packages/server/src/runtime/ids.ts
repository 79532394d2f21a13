import { randomFillSync } from "node:crypto";
import { V7Generator } from "uuidv7";
import { uuidText } from "../core/ids.ts";
import type { Clock } from "../core/outside/clock.ts";

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
  const generator = new V7Generator({ nextUint32: pooledWords() });
  // The generator starts anew when time has gone back by more than this; ours must never.
  generator.setRollbackAllowance(LATEST_MS);
  let last = make(clock.now());

  function make(ms: number): string {
    return uuidText(generator.generateOrResetWithTs(Math.floor(ms)).bytes);
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

const POOLED_WORDS = 1_024;

/** Random words, drawn from the system many at a time: asking it costs more than all the rest of an id. */
function pooledWords(): () => number {
  const words = new Uint32Array(POOLED_WORDS);
  let at = POOLED_WORDS;
  return () => {
    if (at === POOLED_WORDS) {
      randomFillSync(words);
      at = 0;
    }
    return words[at++] ?? 0;
  };
}
