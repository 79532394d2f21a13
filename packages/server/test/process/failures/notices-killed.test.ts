import { expect, test, vi } from "vitest";
import { createHome } from "../../support/processes/server-home.ts";
import { type ServerProcess, startServer } from "../../support/processes/server-process.ts";
import { startReceiver } from "../../support/receiver.ts";
import { until } from "../../support/until.ts";

vi.setConfig({ testTimeout: 180_000 });

/** So few that its breaker stays closed. */
const LETTERS = 3;

test("a server that is killed as soon as something has happened to an endpoint tells of it after its next start", async () => {
  const home = await createHome();
  const server = await startServer(home.place);
  const watcher = await openEndpoint(server, ["endpoint.disabled", "delivery.dead_lettered"]);
  const gone = await openEndpoint(server, ["order.placed"]);
  const broken = await openEndpoint(server, ["order.placed"]);
  gone.receiver.behave(410);
  broken.receiver.behave(500);

  const order = { type: "order.placed", data: {} };
  const answer = await server.call("POST", "/events", Array(LETTERS).fill(order));
  expect(answer.status).toBe(202);
  await until("one is disabled, and all letters of the other are dead", async () => {
    const [row] = await home.query<{ disabled: boolean; dead: number }>(
      `select (select state = 'disabled' from endpoint where serial = $1) as disabled,
        (select count(*)::int from delivery where state = 'dead' and endpoint = $2) as dead`,
      [gone.serial, broken.serial],
    );
    return row?.disabled === true && row.dead === LETTERS;
  });
  await server.kill();

  await startServer(home.place);
  await watcher.receiver.next(
    "word of the disabled one",
    ({ body }) => body.data.disabled_by === "gone",
  );
  await until(
    "every dead letter is told of",
    async () => {
      const counts = watcher.receiver.receipts
        .filter(({ body }) => body.data.endpoint_id === broken.id)
        // Two notices of one event are one.
        .map(({ id, body }) => [id, body.data.count] as const);
      const told = [...new Map(counts).values()].reduce((sum, count) => sum + count, 0);
      return told === LETTERS;
    },
    30_000,
  );
});

/** An endpoint that is given one more chance after a second, and its receiver. */
async function openEndpoint(server: ServerProcess, events: string[]) {
  const receiver = await startReceiver();
  const { url, secret } = receiver;
  const body = { name: events.join(), url, secret, events, retry_schedule: [1] };
  const answer = await server.call("POST", "/endpoints", body);
  expect(answer.status, JSON.stringify(answer.body)).toBe(201);
  const { id, serial }: { id: string; serial: number } = answer.body;
  return { receiver, id, serial };
}
