import { deliveryId } from "../../../../src/core/ids.ts";
import { storedRows } from "../../database/stored-rows.ts";
import { messageIdOf, WORDS } from "../callers.ts";
import type { Request } from "../receivers.ts";
import { type EventRow, type Evidence, isLost, nameOf, type Rule } from "./evidence.ts";

/** What a customer said stands nowhere: in no table, and in no log. */
export const wordsAreGone: Rule = async ({ storm, events }, wrong) => {
  if (!events.some(({ isPurged }) => isPurged)) return;
  const rows = await storedRows(storm.town.database.connections.pool);
  for (const row of rows) if (row.includes(WORDS)) wrong(`the words stand in ${row}`);
  for (const { logger, name } of storm.stations) {
    for (const { message, fields } of logger.lines) {
      if (textOf(fields).includes(WORDS)) wrong(`${name} logged the words: ${message}`);
    }
  }
};

/** A body that is kept nowhere leaves at most once, and nothing is sent in its place but by a replay. */
export const leftOnce: Rule = ({ requests, events }, wrong) => {
  for (const { id, targets } of events.filter(({ isPurged }) => isPurged)) {
    for (const endpoint of targets) {
      const name = nameOf({ eventId: id, endpoint });
      const own = requests.get(name) ?? [];
      const whole = own.filter(({ body }) => body.includes(WORDS));
      if (whole.length > 1) wrong(`${name} left ${whole.length} times with its words`);
      for (const request of own) {
        if (request.isReplay === request.body.includes(WORDS)) {
          wrong(`${name} left as ${request.n}, ${request.isReplay ? "with" : "without"} its words`);
        }
      }
    }
  }
};

/** That a body was not taken is told once, and with it whether it was tried. */
export const lossesAreTold: Rule = (evidence, wrong) => {
  for (const { id, targets } of purgedOf(evidence)) {
    for (const endpoint of targets) {
      const name = nameOf({ eventId: id, endpoint });
      const delivery = deliveryId(id, endpoint);
      const told = evidence.events.filter(
        ({ type, data }) => type === "message.purge_lost" && data.delivery_id === delivery,
      );
      const request = (evidence.requests.get(name) ?? []).find(({ body }) => body.includes(WORDS));
      const most = isKnownTaken(request) && !isLost(evidence, request) ? 0 : 1;
      const least = isKnownTaken(request) ? 0 : 1;
      if (told.length < least || told.length > most) {
        wrong(`${name} was told to be lost ${told.length} times, of ${least} to ${most}`);
      }
      const isKnown = request === undefined || !isLost(evidence, request);
      if (isKnown && told.some(({ data }) => data.attempted !== (request !== undefined))) {
        wrong(`${name} was told to be lost as if ${request ? "not " : ""}tried`);
      }
    }
  }
};

/** Of each message one receipt says what became of it at each endpoint. */
export const receiptsAreTold: Rule = (evidence, wrong) => {
  for (const { id, targets, number } of purgedOf(evidence)) {
    const told = evidence.events.filter(
      ({ type, data }) => type === "message.purged" && data.message_id === messageIdOf(number),
    );
    const [receipt] = told;
    if (!receipt || told.length > 1) {
      wrong(`${id} has ${told.length} receipts`);
      continue;
    }
    const { deliveries = [], delivered = 0, lost = 0 } = receipt.data;
    const named = deliveries.map(({ id: delivery }) => delivery).sort();
    const meant = targets.map((endpoint) => deliveryId(id, endpoint)).sort();
    if (named.join() !== meant.join() || delivered + lost !== targets.length) {
      wrong(`the receipt of ${id} counts ${delivered} and ${lost}, and names ${named.join()}`);
    }
    for (const endpoint of targets) outcomeOf(evidence, { id, endpoint }, deliveries, wrong);
  }
};

/** Those of which it must be told. */
function purgedOf({ events }: Evidence): EventRow[] {
  return events.filter(({ isPurged, isClosed }) => isPurged && !isClosed);
}

function outcomeOf(
  evidence: Evidence,
  { id, endpoint }: { id: string; endpoint: number },
  deliveries: readonly { id: string; outcome: string }[],
  wrong: (what: string) => void,
): void {
  const name = nameOf({ eventId: id, endpoint });
  const request = (evidence.requests.get(name) ?? []).find(({ body }) => body.includes(WORDS));
  if (request && isLost(evidence, request)) return;
  const told = deliveries.find((each) => each.id === deliveryId(id, endpoint))?.outcome;
  const meant = isKnownTaken(request) ? "delivered" : "lost";
  if (told !== meant) wrong(`the receipt says of ${name} ${told}, and it was ${meant}`);
}

function isKnownTaken(request: Request | undefined): request is Request {
  return request?.isTaken === true && request.status === 200;
}

/** With what an error says of itself. */
function textOf(fields: object): string {
  return JSON.stringify(fields, (_, value: unknown) =>
    value instanceof Error
      ? { ...value, message: value.message, stack: value.stack, cause: value.cause }
      : value,
  );
}
