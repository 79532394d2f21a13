import { STORM_MESSAGE } from "../fates.ts";
import { type Evidence, nameOf, type Rule } from "./evidence.ts";

/** Each request whose outcome was known to a process that went on is on record, and no other. */
export const onRecord: Rule = ({ storm, attempts, requests }, wrong) => {
  const cut = new Set(storm.stations.filter((each) => each.wasCut).map(({ name }) => name));
  const written = new Map<string, string[]>();
  for (const { n, station, status, error, ...delivery } of attempts) {
    add(written, `${nameOf(delivery)} attempt ${n} by ${station}`, String(status ?? error));
  }
  const made = new Map<string, string[]>();
  for (const [delivery, own] of requests) {
    for (const { n, station, status } of own) {
      add(made, `${delivery} attempt ${n} by ${station.name}`, String(status));
    }
  }
  for (const name of new Set([...written.keys(), ...made.keys()])) {
    const [rows, real] = [written.get(name) ?? [], made.get(name) ?? []];
    // What comes after its day is over is not kept.
    const mayMiss = name < storm.firstKept || cut.has(name.slice(name.indexOf(" by ") + 4));
    const isRight = mayMiss
      ? rows.every((each) => real.includes(each)) && rows.length <= real.length
      : [...rows].sort().join() === [...real].sort().join();
    if (isRight) continue;
    const [row, was] = [rows, real].map((each) => each.join() || "nothing");
    wrong(`${name}: on record is ${row}, and it was ${was}`);
  }
};

/** No process complains of anything but the storm. */
export const calmlyLogged: Rule = ({ storm }: Evidence, wrong) => {
  for (const { logger, name } of storm.stations) {
    for (const { level, message, fields } of logger.lines) {
      const { err } = fields as { err?: Error };
      if (level !== "error" || err?.message === STORM_MESSAGE) continue;
      wrong(`${name} logged: ${message} ${JSON.stringify(fields)} ${err?.stack ?? ""}`);
    }
  }
};

function add(to: Map<string, string[]>, name: string, what: string): void {
  to.set(name, [...(to.get(name) ?? []), what]);
}
