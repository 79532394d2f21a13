import { typeOfGroup } from "../children/events.ts";
import { sleep } from "../clock.ts";
import type { Gateway } from "./gateway.ts";
import { type Endpoint, type Receiver, urlOf } from "./stage.ts";
import { makeWaitingRows } from "./waiting-rows.ts";

/** Short, so that windows see requests given up and others begun. */
const TIMEOUT_MS = 2_000;
/** What waits became due within so many seconds. */
const SPREAD_S = 600;
const SETTLE_MS = 1_000;

/** An endpoint that takes requests and never answers while a great many deliveries wait for it. */
export interface Backlog {
  begin(): Promise<void>;
  /** Nothing is left of it: the endpoint is disabled and nothing waits for it. */
  end(): Promise<void>;
}

/** Makes such endpoints, with these numbers; each gets the events of the group of its number until it begins to hang. */
export async function makeBacklogs(
  gateway: Gateway,
  o: { receiver: Receiver; port: number; numbers: readonly number[]; waiting: number },
): Promise<Backlog[]> {
  const endpoints: Endpoint[] = [];
  for (const number of o.numbers) {
    endpoints.push(
      await gateway.api<Endpoint>("POST", "/v1/endpoints", {
        name: `Hanging ${number}`,
        url: urlOf(o.port, number),
        events: [typeOfGroup(number)],
        timeout_ms: TIMEOUT_MS,
      }),
    );
  }
  const rows = await makeWaitingRows(gateway.database, {
    events: o.waiting,
    serials: endpoints.map(({ serial }) => serial),
    startAt: Date.now(),
  });
  const { pool } = gateway.database;
  return endpoints.map(({ id, serial }, at) => ({
    async begin() {
      await o.receiver.ask.hang([o.numbers[at] ?? 0]);
      await rows.add(0, o.waiting, SPREAD_S, [serial]);
      await pool.query("analyze retry");
      await pool.query("select pg_notify('curlew_wake', $1)", [String(serial)]);
    },
    async end() {
      await gateway.api("POST", `/v1/endpoints/${id}/disable`);
      await o.receiver.ask.hang([]);
      await o.receiver.ask.letGo();
      await sleep(SETTLE_MS);
      await pool.query("delete from retry where endpoint = $1", [serial]);
      await pool.query("vacuum (analyze) retry");
    },
  }));
}
