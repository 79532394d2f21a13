import { expect, test, vi } from "vitest";
import { createSharedHome } from "../../support/processes/server-home.ts";
import { startServer } from "../../support/processes/server-process.ts";

vi.setConfig({ testTimeout: 120_000 });

const YEAR_MS = 365 * 86_400_000;
/** Has every process of Node believe that it is a year later. */
const A_YEAR_AHEAD = `--import=data:text/javascript,${encodeURIComponent(`const now=Date.now;Date.now=()=>now()+${YEAR_MS}`)}`;

test("a machine whose clock is a year ahead goes by the database's: its events, and its days", async () => {
  const home = await createSharedHome();
  const ask = async (text: string) =>
    (await home.query<{ day: string }>(text)).map(({ day }) => day);
  const today = "select to_char(now() at time zone 'UTC', 'YYYYMMDD') as day";
  const [before] = await ask(today);
  const server = await startServer(home.place, { NODE_OPTIONS: A_YEAR_AHEAD });
  const published = await server.call("POST", "/events", { type: "order.placed", data: {} });
  expect(published.status).toBe(202);
  const { body } = await server.call("GET", `/events/${published.body.id}`);
  const days = await ask(
    "select right(relname, 8) as day from pg_class where relname ~ '^event_[0-9]{8}$' order by 1",
  );
  const [after] = await ask(today);
  // It may have become midnight meanwhile.
  expect([before, after]).toContain(body.occurred_at.slice(0, 10).replaceAll("-", ""));
  expect([before, after], "after yesterday").toContain(days[1]);
  expect(days, "and a week ahead").toHaveLength(9);
  await server.stop();
});
