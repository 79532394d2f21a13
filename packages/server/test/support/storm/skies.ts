import fc from "fast-check";
import type { Change } from "./changes.ts";
import type { Closed, Fate } from "./fates.ts";
import type { Manner } from "./receivers.ts";
import type { Step, Weather } from "./steps.ts";

type Weighed = [number, fc.Arbitrary<Step>];

const at = fc.nat(1);
const endpoint = fc.nat(3);
const which = fc.nat(7);

const manner = fc.constantFrom<Manner>(
  ...(["takes it", "fails", "fails", "asks for patience", "is gone", "is not there"] as const),
  ...(["hangs", "swallows it", "takes it late", "takes it late", "fails late"] as const),
);
const state = fc
  .constantFrom(
    ...(["paused", "paused", "enabled", "enabled", "enabled", "disabled", "deleted"] as const),
  )
  .map((to): Change => ({ what: "state", to }));
const setting = fc.oneof(
  fc
    .constantFrom("parallel" as const, "conversation" as const)
    .map((to): Change => ({ what: "ordering", to })),
  fc.constantFrom(null, 2, 5, 50).map((to): Change => ({ what: "rate", to })),
  fc
    .record({
      step: fc.constantFrom(undefined, "stage" as const, "promote" as const, "retire" as const),
      overlapS: fc.constantFrom(0, 300, 300),
    })
    .map((rotation): Change => ({ what: "secrets", ...rotation })),
);
const ordinary: Weighed[] = [
  [
    12,
    fc.record({
      does: fc.constant("publish" as const),
      at,
      conversation: fc.constantFrom(null, 0, 0, 1),
      key: fc.constantFrom(null, null, null, null, 0, 1, 2),
      count: fc.integer({ min: 1, max: 3 }),
      isHurried: fc.boolean(),
    }),
  ],
  [
    6,
    fc.record({
      does: fc.constant("forward" as const),
      at,
      conversation: fc.constantFrom(null, 0, 1),
    }),
  ],
  [
    4,
    fc.record({
      does: fc.constant("behave" as const),
      endpoint,
      manners: fc.array(manner, { minLength: 1, maxLength: 4 }),
    }),
  ],
  [
    6,
    fc.record({
      does: fc.constant("wait" as const),
      ms: fc.constantFrom(50, 1_000, 1_000, 3_000, 6_000, 12_000),
    }),
  ],
  [3, fc.record({ does: fc.constant("let go" as const), which })],
  [3, fc.record({ does: fc.constant("change" as const), at, endpoint, change: state })],
  [3, fc.record({ does: fc.constant("change" as const), at, endpoint, change: setting })],
  [1, fc.record({ does: fc.constant("replay one" as const), at, which })],
  [
    1,
    fc.record({
      does: fc.constant("replay many" as const),
      at,
      endpoint,
      states: fc.constantFrom<("dead" | "delivered")[]>(
        ["dead"],
        ["delivered"],
        ["dead", "delivered"],
      ),
    }),
  ],
  [1, fc.record({ does: fc.constant("open breaker" as const), endpoint })],
  [
    1,
    fc.record({ does: fc.constantFrom("hold" as const, "release" as const, "roll up" as const) }),
  ],
  [2, fc.record({ does: fc.constant("days pass" as const), days: fc.constantFrom(1, 1, 3) })],
  [3, fc.record({ does: fc.constantFrom("housekeep" as const, "expunge" as const), at })],
  [1, fc.record({ does: fc.constant("stop" as const), at, graceMs: fc.constantFrom(500, 20_000) })],
];

/** What is spoilt: any statement of a lane, a COMMIT in it, or a certain statement. */
const STATEMENTS = [
  ...["control", "settle", "settle commit", "settle commit", "queue", "accept", "accept commit"],
  ...["accept commit", "general", "general commit", "general commit", "claim_due", "fetch_claimed"],
  ...["peek_due", "release_leases", "list_leases", "overflow", "settle_plain", "settle_first"],
  ...[
    "settle_retries",
    "lock_retries",
    "promote",
    "enter_lanes",
    "scan_endpoints",
    "append_events",
  ],
];
const suffered = fc.record({
  fate: fc.constantFrom<Fate>(
    ...(["unheard", "unanswered", "unanswered", "late", "slow", "undead", "ended"] as const),
  ),
  times: fc.constant(1),
});
/** What PostgreSQL answers to one statement, or to several in a row. */
const refused = fc.record({
  fate: fc
    .constantFrom("40001", "40P01", "57014", "55P03", "53100", "57P01")
    .map((code): Fate => (code === "57P01" ? "ended" : { refused: code })),
  times: fc.constantFrom(1, 1, 2, 4, 8),
});
const disasters: Weighed[] = [
  [
    12,
    fc
      .record({
        does: fc.constant("spoil" as const),
        at,
        what: fc.constantFrom(...STATEMENTS),
        skip: fc.nat(2),
        how: fc.oneof(suffered, suffered, refused),
      })
      .map(({ how, ...spoil }) => ({ ...spoil, ...how })),
  ],
  [
    2,
    fc.record({ does: fc.constantFrom("freeze" as const, "freeze" as const, "kill" as const), at }),
  ],
  [
    2,
    fc.record({ does: fc.constantFrom("thaw" as const, "stall" as const, "stall" as const), at }),
  ],
  [1, fc.record({ does: fc.constantFrom("deafen" as const, "hear" as const), at })],
  [
    1,
    fc.record({
      does: fc.constant("set clock" as const),
      ms: fc.constantFrom(2_000, -2_000, 30_000, -30_000, 20 * 60_000, -20 * 60_000),
    }),
  ],
];

const closings: Weighed[] = [
  [
    2,
    fc.record({
      does: fc.constant("close" as const),
      at,
      why: fc.constantFrom<Closed>("ECONNREFUSED", "53300", "57P03"),
      times: fc.constantFrom(1, 3, 6, 12),
    }),
  ],
  [1, fc.record({ does: fc.constant("restart" as const), times: fc.constantFrom(0, 3, 8, 12) })],
];

const stepOf = (...all: Weighed[]) =>
  fc.oneof(...all.map(([weight, arbitrary]) => ({ weight, arbitrary })));
export const weather: fc.Arbitrary<Weather> = fc.record({
  isSecondApi: fc.boolean(),
  skewMs: fc.constantFrom(0, -30_000, 45_000),
});

/** Nothing but what receivers, callers and operators do. */
export const calmSteps = fc.array(stepOf(...ordinary), {
  ...{ minLength: 20, maxLength: 40, size: "max" },
});
/** All that may happen. */
export const wildSteps = fc.array(stepOf(...ordinary, ...disasters, ...closings), {
  ...{ minLength: 25, maxLength: 50, size: "max" },
});
