import { join } from "node:path";
import { eventOf, typeOfGroup } from "../children/events.ts";
import { sharedNow, sleep, until } from "../clock.ts";
import { readRecords } from "../figures/records.ts";
import { median } from "../figures/statistics.ts";
import { row, whole } from "../figures/wording.ts";
import { type Gateway, startGateway } from "../gateway/gateway.ts";
import { plantEndpoints, setState, urlOf } from "../gateway/stage.ts";
import { EVENT_BYTES } from "./end-to-end.ts";
import type { Ground } from "./ground.ts";

const ENDPOINTS = 1_000;
const TIMES = 10;
const LIMIT_MS = 60_000;
const POLL_MS = 2;
const PAUSE_MS = 500;

export interface FanOut {
  /** Until all have it, ms, while connections are still to be opened, and afterwards each time. */
  firstMs: number;
  againMs: number[];
}

/** How long one event takes to reach a thousand endpoints. */
export async function measureFanOut(o: Ground): Promise<FanOut> {
  const gateway = await startGateway(o);
  await o.receiver.ask.forget();
  try {
    const urls = Array.from({ length: ENDPOINTS }, (_, at) => urlOf(o.port, at));
    const endpoints = await plantEndpoints(gateway, urls, { typeOf: () => typeOfGroup(0) });
    const secrets = endpoints.map(({ secret }) => secret);
    await o.receiver.ask.expect({ isRecording: true, secrets });
    await setState(gateway.database, "enabled");
    const firstMs = await reachAll(gateway, o);
    const againMs: number[] = [];
    for (let i = 0; i < TIMES; i++) {
      await sleep(PAUSE_MS);
      againMs.push(await reachAll(gateway, o));
    }
    o.say(
      `one event to ${ENDPOINTS} endpoints: ${whole(firstMs)} ms, then ${whole(median(againMs))} ms`,
    );
    return { firstMs, againMs };
  } finally {
    await gateway.stop();
  }
}

async function reachAll(gateway: Gateway, { receiver, scratch }: Ground): Promise<number> {
  const event = eventOf({ group: 0, conversation: null, bytes: EVENT_BYTES });
  const { total } = await receiver.ask.count();
  const from = sharedNow();
  await gateway.api("POST", "/v1/events", JSON.parse(event));
  await until("all endpoints to have the event", LIMIT_MS, POLL_MS, async () =>
    (await receiver.ask.count()).total >= total + ENDPOINTS ? true : null,
  );
  const received = join(scratch, "received");
  await receiver.ask.flush(received);
  let lastAt = 0;
  readRecords(received, (_, __, at) => {
    lastAt = Math.max(lastAt, at);
  });
  return lastAt - from;
}

export function fanOutRows({ firstMs, againMs }: FanOut): string[] {
  return [
    row(
      `one event to ${ENDPOINTS}`,
      `all have it after ${whole(median(againMs))} ms (median of ${againMs.length}), the first time after ${whole(firstMs)} ms`,
    ),
  ];
}
