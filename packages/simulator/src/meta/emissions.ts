import { ControlError, type Fields } from "../control/input.ts";
import { escapedJson, type JsonObject } from "../json.ts";
import type { Callbacks } from "./callbacks.ts";
import { type Deliveries, SIGNATURES, type SignatureKind, type WebhookPost } from "./deliveries.ts";

const ORDERS = ["given", "reverse", "shuffle"] as const;
const MAX_BATCH = 1_000;

/** Whether updates of one account share an entry, or each has one of its own. */
export type Grouping = "together" | "apart";

/** How updates leave: these fields stand beside those of every emitting control request. */
export interface EmissionOptions {
  /** Each request goes out this often, byte for byte the same. */
  repeat?: number;
  /** All requests at once instead of one after the other. */
  parallel?: boolean;
  signature?: SignatureKind;
  /** Signs with this app secret instead of the simulator's own. */
  secret?: string;
  /** False writes plain UTF-8 instead of `\uXXXX` and `\/`. */
  escape?: boolean;
}

export interface BatchOptions extends EmissionOptions {
  order?: (typeof ORDERS)[number];
  /** Makes a shuffle repeatable. */
  seed?: number;
  grouping?: Grouping;
  /** Spreads the items over requests of this many. */
  per_post?: number;
}

export interface Emission {
  /** The provider ids of the items, in the order in which they were given. */
  ids: string[];
  /** One entry a request, with what the receiver answered to the first attempt. */
  posts: WebhookPost[];
  /** Items of accounts whose app is not subscribed: Meta sends nothing for them. */
  unsubscribed: number;
}

export type Options = Required<Omit<BatchOptions, "secret">> & { secret: string | undefined };

const PLAIN: Options = {
  repeat: 1,
  parallel: false,
  signature: "right",
  secret: undefined,
  escape: true,
  order: "given",
  seed: 1,
  grouping: "together",
  per_post: MAX_BATCH,
};

export function readEmissionOptions(fields: Fields): Options {
  return {
    ...PLAIN,
    repeat: fields.integer("repeat", { min: 1, max: 1_000 }) ?? PLAIN.repeat,
    parallel: fields.flag("parallel") ?? PLAIN.parallel,
    signature: fields.choice("signature", SIGNATURES) ?? PLAIN.signature,
    secret: fields.text("secret"),
    escape: fields.flag("escape") ?? PLAIN.escape,
  };
}

export function readBatchOptions(fields: Fields): Options {
  return {
    ...readEmissionOptions(fields),
    order: fields.choice("order", ORDERS) ?? PLAIN.order,
    seed: fields.integer("seed", { min: 0, max: 2 ** 31 }) ?? PLAIN.seed,
    grouping: fields.choice("grouping", ["together", "apart"]) ?? PLAIN.grouping,
    per_post: fields.integer("per_post", { min: 1, max: MAX_BATCH }) ?? PLAIN.per_post,
  };
}

export type Emissions = ReturnType<typeof createEmissions>;

/** Puts updates into signed requests and posts them to whoever is subscribed. */
export function createEmissions(given: { callbacks: Callbacks; deliveries: Deliveries }) {
  const { callbacks, deliveries } = given;

  function post(url: string, body: Buffer, items: number, options: Options) {
    const { signature, secret } = options;
    const request = { url, body, items, signature, ...(secret === undefined ? {} : { secret }) };
    return Array.from({ length: options.repeat }, () => () => deliveries.post(request));
  }

  async function run(posts: (() => Promise<WebhookPost>)[], parallel: boolean) {
    if (parallel) return Promise.all(posts.map((start) => start()));
    const done: WebhookPost[] = [];
    for (const start of posts) done.push(await start());
    return done;
  }

  /**
   * Emits the items and answers when every request has been attempted once. Whoever calls says where
   * each goes and how they are put into envelopes.
   */
  async function dispatch<Made extends { id: string | null }>(
    made: readonly Made[],
    options: Options = PLAIN,
    how: {
      urlOf: (made: Made) => string;
      bodiesOf: (
        part: readonly Made[],
        grouping: Grouping,
      ) => { envelope: JsonObject; items: number }[];
      isEmptyFine?: boolean;
    },
  ): Promise<Emission> {
    if (made.length === 0 && !how.isEmptyFine) {
      throw new ControlError("There is nothing to emit.");
    }
    if (made.length > MAX_BATCH && options.per_post >= MAX_BATCH) {
      throw new ControlError(
        `Meta puts at most ${MAX_BATCH} updates into one request; "per_post" spreads them.`,
      );
    }
    const posts: (() => Promise<WebhookPost>)[] = [];
    for (const [url, group] of groupBy(inOrder(made, options), how.urlOf)) {
      for (const part of chunks(group, options.per_post)) {
        for (const { envelope, items } of how.bodiesOf(part, options.grouping)) {
          const text = options.escape ? escapedJson(envelope) : JSON.stringify(envelope);
          posts.push(...post(url, Buffer.from(text), items, options));
        }
      }
    }
    return { ids: idsOf(made), posts: await run(posts, options.parallel), unsubscribed: 0 };
  }

  return {
    dispatch,
    /** Emits these bytes, whatever they are, to the app's own URL. */
    async emitRaw(body: Buffer, options: Options): Promise<Emission> {
      const posts = post(callbacks.appUrl(), body, 0, options);
      return { ids: [], posts: await run(posts, options.parallel), unsubscribed: 0 };
    },
  };
}

function idsOf(made: readonly { id: string | null }[]): string[] {
  return made.flatMap(({ id }) => (id === null ? [] : [id]));
}

function inOrder<T>(items: readonly T[], { order, seed }: Options): T[] {
  if (order === "reverse") return [...items].reverse();
  if (order === "given") return [...items];
  const shuffled = [...items];
  const random = randomNumbers(seed);
  for (let last = shuffled.length - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1));
    const moved = shuffled.splice(other, 1);
    shuffled.splice(last, 0, ...moved);
  }
  return shuffled;
}

/** A small repeatable generator (mulberry32) of numbers in [0, 1). */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key) ?? [];
    group.push(item);
    groups.set(key, group);
  }
  return groups;
}

function chunks<T>(items: readonly T[], size: number): T[][] {
  const count = Math.ceil(items.length / size);
  return Array.from({ length: count }, (_, index) => items.slice(index * size, (index + 1) * size));
}
