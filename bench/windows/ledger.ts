import { readRecords } from "../figures/records.ts";
import { type Spread, spreadOf } from "../figures/statistics.ts";

/** What became of the events of one window, compared one by one. */
export interface Ledger {
  accepted: number;
  deliveries: number;
  lost: number;
  doubled: number;
  /** Came for events that nobody was told of, or to an endpoint that had not asked for them. */
  strays: number;
  /** From the request's last byte written to the webhook received, ms. */
  fromRequest: Spread;
  /** From the 202 received to the webhook received, ms. Below zero: the webhook was faster. */
  fromAnswer: Spread;
  /** From the request to its 202, ms. */
  answer: Spread;
}

/**
 * Compares what was published (group, sent at, answered at) with what was received (endpoint, at).
 * The endpoints of a group follow each other: group g has those from g * fanOut on.
 */
export function compareRecords(published: string, received: string, fanOut: number): Ledger {
  const places = new Map<string, number>();
  const groups: number[] = [];
  const sentAt: number[] = [];
  const answeredAt: number[] = [];
  readRecords(published, (id, group, sent, answered) => {
    places.set(id, sentAt.length);
    groups.push(group);
    sentAt.push(sent);
    answeredAt.push(answered);
  });
  /** A bit for each endpoint of its group that an event has reached. */
  const reached = new Uint32Array(sentAt.length);
  const fromRequest: number[] = [];
  const fromAnswer: number[] = [];
  let [doubled, strays] = [0, 0];
  readRecords(received, (id, endpoint, at) => {
    const place = places.get(id);
    if (place === undefined || Math.floor(endpoint / fanOut) !== groups[place]) {
      strays++;
      return;
    }
    const bit = 1 << (endpoint % fanOut);
    const bits = reached[place] ?? 0;
    if ((bits & bit) !== 0) {
      doubled++;
      return;
    }
    reached[place] = bits | bit;
    fromRequest.push(at - (sentAt[place] ?? 0));
    fromAnswer.push(at - (answeredAt[place] ?? 0));
  });
  return {
    accepted: sentAt.length,
    deliveries: fromRequest.length,
    lost: sentAt.length * fanOut - fromRequest.length,
    doubled,
    strays,
    fromRequest: spreadOf(Float64Array.from(fromRequest)),
    fromAnswer: spreadOf(Float64Array.from(fromAnswer)),
    answer: spreadOf(Float64Array.from(answeredAt, (at, place) => at - (sentAt[place] ?? 0))),
  };
}
