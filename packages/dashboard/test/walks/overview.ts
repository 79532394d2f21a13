import { must } from "../support/fill.ts";
import type { House } from "../support/house.ts";
import type { Walk } from "../support/walk.ts";

/** Requests answered in about 50 ms, and events delivered in about 70, as the histograms count them. */
const QUICK = "array_fill(0, array[22]) || array[n * 7, n * 3, n / 20, 0, n / 50]";

/** A day of traffic before the hour that is, with an hour in which an endpoint was away. */
const HISTORY = `
  with hours as (
    select date_trunc('hour', now()) - make_interval(hours => h) as at, h,
      (180 + 130 * sin((h + 4) / 24.0 * 2 * pi()))::int as n,
      case when h in (5, 6) then 40 else 0 end as away
    from generate_series(1, 23) h),
  each as (
    select h.*, e.serial, e.workspace_id, (at at time zone 'UTC')::date as day,
      extract(hour from at at time zone 'UTC')::smallint as hour
    from hours h cross join (
      select serial, workspace_id from endpoint where deleted_at is null order by serial limit 3) e),
  answered as (
    insert into endpoint_hour (endpoint, hour, delivered, failed, slow, ms, answers, arrivals)
    select serial, at, n, away + n / 90, 0, n * 50, ${QUICK}, array[0] || ${QUICK} from each
    on conflict do nothing),
  counted as (
    insert into tally (workspace_id, endpoint, day, hour, targeted, delivered, dead, cancelled)
    select workspace_id, serial, day, hour, n, n, 0, 0 from each
    on conflict do nothing)
  insert into tally_event (workspace_id, day, hour, accepted, unwanted)
  select workspace_id, day, hour, max(n) + 12, 12 from each group by 1, 2, 3
  on conflict do nothing`;

async function fill({ server, query }: House): Promise<void> {
  const page = { kind: "instagram", name: "Casa Lumbre", external_id: "17841405822304999" };
  await must(server, "POST", "/channels", page);
  const reason = "Meta refuses the access token (190)";
  await query(`update channel set state = 'degraded', state_reason = '${reason}'
    where external_id = '${page.external_id}'`);
  await query(HISTORY);
}

/** Filled last: its books are those of all the others. */
export const overviewWalk: Walk = {
  fill,
  views: () => [
    {
      name: "overview",
      path: "/",
      onPhone: true,
      async prepare(page) {
        await page.getByText("Casa Lumbre is refused by its provider").waitFor();
      },
    },
    { name: "overview-hour", path: "/?range=1h", onPhone: true },
    { name: "overview-week", path: "/?range=7d" },
    {
      name: "overview-table",
      path: "/",
      async prepare(page) {
        await page.getByRole("button", { name: "View as table" }).click();
        await page.getByRole("table", { name: "Deliveries" }).waitFor();
      },
    },
    {
      name: "first-run",
      path: "/first-run",
      onPhone: true,
      async prepare(page) {
        await page.getByRole("heading", { name: /of 6 done/ }).waitFor();
      },
    },
    { name: "nothing-here", path: "/no-such-page" },
    {
      name: "palette",
      path: "/",
      async prepare(page) {
        await page.keyboard.press("Control+k");
        await page.getByRole("combobox").waitFor();
      },
    },
    {
      name: "keys",
      path: "/",
      async prepare(page) {
        await page.keyboard.press("?");
        await page.getByRole("dialog").waitFor();
      },
    },
    {
      name: "account-menu",
      path: "/",
      async prepare(page) {
        await page.getByRole("button", { name: /your account/ }).click();
        await page.getByRole("menu").waitFor();
      },
    },
  ],
};
