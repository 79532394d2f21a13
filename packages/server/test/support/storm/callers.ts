import { createHash } from "node:crypto";
import { publicId } from "../../../src/core/ids.ts";
import type { Published } from "../../../src/delivery/publishing/publish-request.ts";
import type { Town } from "../engine/town.ts";
import { type Change, change as changeEndpoint } from "./changes.ts";
import type { Station } from "./station.ts";
import type { Step } from "./steps.ts";

/** A request of a caller: what it was answered. */
interface Asked {
  /** Names the event: what its body carries. */
  numbers: number[];
  hasKey: boolean;
  answer: Published[] | Error | null;
}

/** What a body may change into on its way through a database: it must not. */
const ODD_WORDS = 'Grüße 👋 \u0000 \ud800 \u2028 "\\" 1e400';

const KEYS_A_DAY = 3;

/** What a customer says where nothing of it is to be kept. */
export const WORDS = "canary in the coal mine";

/** Numbers of events that have no key. */
const FIRST_NUMBER = 1_000;

/** Those who ask something of the processes, and what they were answered. */
export class Callers {
  readonly asked: Asked[] = [];
  /** How many days have passed: keys are forgotten with theirs. */
  day = 0;
  /** Versions of the configuration that were answered, and which other processes had not applied them then. */
  readonly changes: { version: number; behind: string[] }[] = [];
  readonly #town: Town;
  readonly #conversations: readonly string[];
  #made = FIRST_NUMBER;

  constructor(town: Town, conversations: readonly string[]) {
    this.#town = town;
    this.#conversations = conversations;
  }

  publish(station: Station | undefined, step: Step & { does: "publish" }): void {
    const { conversation, count } = step;
    const key = step.key === null ? null : step.key + this.day * KEYS_A_DAY;
    const { workspaceId } = this.#town;
    // One key always names the same event.
    const numbers = key === null ? Array.from({ length: count }, () => ++this.#made) : [key];
    const place = key === null ? conversation : key % this.#conversations.length;
    const conversationId = place === null ? null : (this.#conversations[place] ?? null);
    const asked: Asked = { numbers, hasKey: key !== null, answer: null };
    const items = numbers.map((number) => ({
      ...{
        type: "order.shipped",
        data: { number, words: `${saidOf(number)} ${ODD_WORDS}` },
        conversationId,
      },
      ...{ campaignId: null, accountId: null, channel: null },
      key: key === null ? null : { name: `key ${key}`, hash: hashOf(number) },
    }));
    this.#ask(station, async ({ publish }) => {
      this.asked.push(asked);
      try {
        const answer = await publish({ workspaceId, confinedTo: null, items });
        if (answer.kind === "refused") throw new Error(answer.refusal.detail);
        asked.answer = answer.events;
      } catch (error) {
        asked.answer = error as Error; // nothing else is thrown
      }
    });
  }

  /** What a customer says is told to the endpoints, and kept nowhere. */
  forward(station: Station | undefined, { conversation }: Step & { does: "forward" }): void {
    const number = ++this.#made;
    const conversationId =
      conversation === null ? null : (this.#conversations[conversation] ?? null);
    const message = { id: messageIdOf(number), provider_id: null };
    const asked: Asked = { numbers: [number], hasKey: false, answer: null };
    const draft = this.#town.draft({
      ...{ type: "message.received", conversationId },
      conversation: conversationId === null ? null : { id: publicId("cnv", conversationId) },
      data: { number, message: { ...message, text: WORDS } },
      kept: { number, message },
    });
    this.#ask(station, async ({ recorder }) => {
      this.asked.push(asked);
      try {
        const { id } = await recorder.accept(draft);
        asked.answer = [{ id, duplicate: false }];
      } catch (error) {
        asked.answer = error as Error; // nothing else is thrown
      }
    });
  }

  /** As the routes of endpoints do. */
  change(station: Station | undefined, endpointId: string, change: Change): void {
    const town = this.#town;
    this.#ask(station, async ({ changeConfig }) => {
      const version = await changeConfig(
        town.workspaceId,
        async (tx) => {
          await changeEndpoint(tx, town, endpointId, change);
          const { rows } = await tx.query<{ version: number }>(
            "select config_version::float8 as version from instance",
          );
          return rows[0]?.version ?? 0;
        },
        { everywhere: true },
      );
      const behind = await town.rows<{ name: string }>(
        "select name from process where state = 'living' and config_version < $1 and name <> $2",
        [version, station?.name],
      );
      this.changes.push({ version, behind: behind.map(({ name }) => name) });
    });
  }

  /** A round of what a process does by itself. */
  see(station: Station | undefined, round: (station: Station) => Promise<unknown>): void {
    this.#ask(station, round);
  }

  async replayOne(station: Station | undefined, which: number): Promise<void> {
    const deliveries = await this.#town.rows<{ eventId: string; endpoint: number }>(
      `select event_id as "eventId", endpoint from delivery order by event_id, endpoint`,
    );
    const delivery = deliveries[which % Math.max(deliveries.length, 1)];
    if (delivery) this.#ask(station, ({ replays }) => replays.one(this.#owner, delivery));
  }

  replayMany(
    station: Station | undefined,
    endpoint: number,
    states: readonly ("dead" | "delivered")[],
  ): void {
    const request = { endpoint, states, dryRun: false };
    this.#ask(station, ({ replays }) => replays.many(this.#owner, request));
  }

  get #owner() {
    return { workspaceId: this.#town.workspaceId, accountId: null };
  }

  /** It may take its time, or fail. */
  #ask(station: Station | undefined, request: (station: Station) => Promise<unknown>): void {
    if (station?.state !== "living") return;
    station.asked++;
    void request(station)
      .catch(() => {})
      .finally(() => station.asked--);
  }
}

/** What is said in an event's body, and nowhere else. */
export function saidOf(number: number): string {
  return `said in ${number}.`;
}

function hashOf(number: number): Buffer {
  return createHash("sha256").update(`${number}`).digest();
}

/** What stands in the place of a message's public id. */
export function messageIdOf(number: number | null): string {
  return publicId("msg", `00000000-0000-7000-8000-${String(number).padStart(12, "0")}`);
}
