import { expect, test, vi } from "vitest";
import { createSharedHome } from "../../support/processes/server-home.ts";
import { startServer } from "../../support/processes/server-process.ts";
import { isSuccess, type Receipt } from "../../support/receiver.ts";
import { until } from "../../support/until.ts";
import { APP_SECRET, startLoad } from "../load.ts";
import { countOpen, readOutcome } from "../outcome.ts";
import { openShop } from "../shop.ts";

vi.setConfig({ testTimeout: 120_000 });

/** What an endpoint has answered well, by conversation: the numbers in the order of their first success. */
function firstSuccesses(receipts: readonly Receipt[]): Map<string, number[]> {
  const seen = new Set<string>();
  const numbers = new Map<string, number[]>();
  for (const { id, body, answered } of receipts) {
    if (!isSuccess(answered) || !body.conversation || seen.has(id)) continue;
    seen.add(id);
    const { id: conversation, seq } = body.conversation;
    numbers.set(conversation, [...(numbers.get(conversation) ?? []), seq]);
  }
  return numbers;
}

test("conversations arrive in order through two processes, a kill, a pause and answers that fail", async () => {
  const home = await createSharedHome();
  const start = () => startServer(home.place, { CURLEW_META_APP_SECRET: APP_SECRET });
  const [a, b] = await Promise.all([start(), start()]);
  const customers = await openShop(a, ["Ordered"], {
    ordering: "conversation",
    retry_schedule: Array(20).fill(1),
  });
  const [customer] = customers;
  if (!customer) throw new Error("nobody is there");
  const { receiver } = customer;
  receiver.behave(({ id, seen }) =>
    seen === 0 && [...id].reduce((sum, each) => sum + each.charCodeAt(0), 0) % 20 === 0 ? 503 : 200,
  );
  let isKilled = false;
  const load = startLoad([...Array(4).fill(() => (isKilled ? b : a)), ...Array(4).fill(() => b)]);
  const isReceived = (more: number) => {
    const least = load.received.size + more;
    return until("messages come in", () => load.received.size >= least, 30_000);
  };
  await isReceived(20);
  isKilled = true;
  await a.kill();
  await isReceived(20);

  expect((await b.call("POST", `/endpoints/${customer.id}/pause`)).status).toBe(200);
  await until("the endpoint waits in the log", async () => {
    const rows = await home.query("select from endpoint where behind_from is not null");
    return rows.length === 1;
  });
  await isReceived(20);
  expect((await b.call("POST", `/endpoints/${customer.id}/resume`)).status).toBe(200);
  await isReceived(20);
  await load.stop();
  await until(
    "everything is delivered, and nothing is behind",
    async () => {
      const { open, waiting } = await countOpen(home);
      const behind = await home.query("select from endpoint where behind_from is not null");
      return open === 0 && waiting === 0 && behind.length === 0;
    },
    60_000,
  );

  const outcome = await readOutcome(home, customers);
  expect(load.faults).toEqual([]);
  expect(outcome.missing).toEqual([]);
  const numbers = [...firstSuccesses(receiver.receipts).values()];
  expect(numbers).toHaveLength(3);
  expect(numbers).toEqual(numbers.map((each) => each.map((_, at) => at + 1)));
  expect(await home.query("select from lane")).toEqual([]);
});
