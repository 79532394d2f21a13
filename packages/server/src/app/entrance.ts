import type { Config } from "../config/config.ts";
import { answerWhileStarting } from "../http/instance/starting.ts";
import { type Door, openDoor } from "../http/listen.ts";
import { systemClock } from "../runtime/clock.ts";
import { createIds } from "../runtime/ids.ts";

/** The port, open before there is anything behind it: whoever asks is told what the start is at. */
export interface Entrance {
  door: Door;
  /** What it is at, in words. */
  onStage(words: string): void;
}

/** A port that is taken is found out before a database is touched. */
export async function openEntrance(config: Config): Promise<Entrance> {
  const clock = systemClock();
  // Of requests alone: nobody knows the database's time yet, and no row may have an id of another.
  const ids = createIds(clock);
  let stage = "its settings are read";
  const newId = () => ids.next();
  const starting = answerWhileStarting({ stage: () => stage, newId });
  return {
    door: await openDoor(config, { clock, newId }, starting),
    onStage(words) {
      stage = words;
    },
  };
}
