import type { PostResult } from "../../../src/delivery/attempt/attempt.ts";
import type { EngineDeps } from "../../../src/delivery/engine.ts";
import { type Post, refused } from "../engine/town.ts";
import { openPostOffice, type PostOffice, type Station } from "./post-office.ts";

type Answer = PostResult | Promise<PostResult>;

/** What a receiver answers that says back what it was sent. */
function echoing({ body }: Post, status = 200): PostResult {
  return {
    kind: "response",
    status,
    headers: {},
    body: body.slice(0, 4_096),
    ms: 3,
    firstByteMs: 2,
  };
}

/** A WhatsApp number under Inbound Body Purge, endpoints that do as told, and what each was sent. */
export interface DiscreetShop extends PostOffice {
  posts: Post[];
  /** How the receiver at a URL answers; whoever has none echoes what it got, with 200. */
  answers: Map<string, (post: Post) => Answer>;
  open(overrides?: Partial<EngineDeps>): Promise<Station>;
  endpoint(options?: {
    dialect?: string;
    ordering?: "parallel" | "conversation";
    events?: string[];
    holdKey?: object;
  }): Promise<{ id: string; serial: number; url: string }>;
  change(statement: string, values?: unknown[]): Promise<void>;
  /** Does all that is due now. */
  settle(station: Station): Promise<void>;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads into bodies as a consumer does
  sentTo(url: string): any[];
}

export const failing = (status: number) => () => refused(status);

export async function openDiscreetShop(): Promise<DiscreetShop> {
  const office = await openPostOffice();
  const posts: Post[] = [];
  const answers: DiscreetShop["answers"] = new Map();
  const at = new Date(office.clock.now());
  let made = 0;
  const shop: DiscreetShop = {
    ...office,
    posts,
    answers,
    open: (overrides = {}) =>
      office.station({
        engine: {
          openTarget: (_, { url }) => ({
            async post({ headers, body }) {
              const post = { url, headers, body };
              posts.push(post);
              return (await answers.get(url)?.(post)) ?? echoing(post);
            },
            async close() {},
          }),
          ...overrides,
        },
      }),
    async endpoint({ dialect = "curlew", ordering = "parallel", events = ["*"], holdKey } = {}) {
      const id = office.ids.next();
      const url = `https://receiver-${++made}.example/`;
      const [row] = await office.rows<{ serial: number }>(
        `insert into endpoint (id, workspace_id, name, url, dialect, events, retry_schedule, ordering, state,
           created_at, updated_at)
         values ($1, $2, 'Receiver', $3, $4, $5, '{5,300}', $6, 'enabled', $7, $7) returning serial`,
        [id, office.workspaceId, url, dialect, events, ordering, at],
      );
      if (holdKey) {
        await office.rows("update endpoint set hold_key = $2 where id = $1", [
          id,
          JSON.stringify(holdKey),
        ]);
      }
      await shop.change(
        `insert into endpoint_secret (id, endpoint_id, sealed, stage, created_at)
         values ($1, $2, 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'signing', $3)`,
        [office.ids.next(), id, at],
      );
      return { id, serial: row?.serial ?? 0, url };
    },
    async change(statement, values = []) {
      await office.rows(statement, values);
      await office.rows("update workspace set config_version = config_version + 1");
      await office.rows("update instance set config_version = config_version + 1");
    },
    async settle({ engine }) {
      do {
        await engine.quiet();
        await engine.overflowed();
      } while ((await engine.retries.runOnce()) > 0);
      await engine.quiet();
    },
    sentTo: (url) => posts.filter((post) => post.url === url).map(({ body }) => JSON.parse(body)),
  };
  await shop.change("update channel set settings = $1", [
    JSON.stringify({ ai_enabled: false, inbound_body_purge: true }),
  ]);
  return shop;
}
