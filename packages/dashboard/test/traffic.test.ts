import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { until } from "../../server/test/support/until.ts";
import { findings } from "./support/axe.ts";
import { hasChromium } from "./support/chromium.ts";
import { useHouse } from "./support/house.ts";
import { inviteAs, visitAs } from "./support/people.ts";

const LIMIT_MS = 120_000;
const MANY = 100_000;

describe.skipIf(!hasChromium)("traffic", () => {
  const house = useHouse({ CURLEW_ALLOW_TARGETS: "" });
  beforeAll(() => house.makeOwner(), LIMIT_MS);

  async function call(method: string, path: string, body?: unknown) {
    const answer = await house.server.call(method, path, body);
    if (answer.status > 299) throw new Error(`${path}: ${JSON.stringify(answer.body)}`);
    return answer.body;
  }

  test(
    "a dead letter is found by its cause, replayed, and delivered under the same id",
    async () => {
      const catcher = await call("POST", "/catchers", { name: "Lead scoring", status: 401 });
      const endpoint = { name: "Lead scoring", url: catcher.url, retry_schedule: [1] };
      await call("POST", "/endpoints", endpoint);
      const event = { type: "order.shipped", data: { number: 7 } };
      const { id } = await call("POST", "/events", event);
      await until("it is dead", async () => {
        const { data } = await call("GET", `/dead-letters?event_id=${id}`);
        return data.length === 1;
      });
      const { page, complaints } = await house.visit();
      await page.goto("/dead-letters");
      await page.getByRole("button", { name: /Lead scoring.*401/ }).click();
      await page.getByRole("row", { name: /order\.shipped/ }).click();
      const drawer = page.getByRole("complementary", { name: "Delivery" });
      await drawer.getByText("failed twice").waitFor();
      await drawer.getByText("Caught, and answered 401.").waitFor();
      await call("PATCH", `/catchers/${catcher.id}`, { status: 200 });
      await page.keyboard.press("r");
      await page.getByText("A new round has begun").waitFor();
      await drawer.getByText("accepted it at try 3").waitFor();
      const caught = await call("GET", `/catchers/${catcher.id}/requests`);
      const sent = new Set(caught.data.map((each: { event_id: string }) => each.event_id));
      expect([...sent]).toEqual([id]);
      expect(complaints).toEqual([]);
    },
    LIMIT_MS,
  );

  test(
    "the last hour is drawn by the minute, on the overview and of an endpoint; by the hour where too much happened",
    async () => {
      const catcher = await call("POST", "/catchers", { name: "Minutes" });
      const endpoint = await call("POST", "/endpoints", {
        ...{ name: "Minutes", url: catcher.url, events: ["minute.passed"] },
      });
      await call("POST", "/events", { type: "minute.passed", data: {} });
      const { page, complaints } = await house.visit();
      for (const [path, chart] of [
        ["/", "Deliveries"],
        [`/endpoints/${endpoint.id}`, "Answers"],
      ] as const) {
        await page.goto(path);
        const region = page.getByRole("region", { name: chart, exact: true });
        await region.getByText("per hour", { exact: true }).waitFor();
        await page.getByRole("button", { name: "1 h", exact: true }).click();
        await region.getByText("per minute", { exact: true }).waitFor();
        expect(new URL(page.url()).searchParams.get("range")).toBe("1h");
        await region.getByRole("button", { name: "View as table" }).click();
        await expect.poll(() => region.getByRole("row").count()).toBe(61);
      }
      await house.query(`
        insert into tally_event (workspace_id, day, hour, accepted, unwanted)
        select id, (h at time zone 'UTC')::date, extract(hour from h at time zone 'UTC'), 600000, 0
        from (select id from workspace limit 1) w, unnest(array[now(), now() - interval '1 hour']) h
        on conflict (workspace_id, day, hour) do update set accepted = 600000`);
      await page.goto("/?range=1h");
      const region = page.getByRole("region", { name: "Deliveries", exact: true });
      await region.getByText("per hour", { exact: true }).waitFor();
      await house.query("delete from tally_event");
      expect(complaints).toEqual([]);
    },
    LIMIT_MS,
  );

  test.each([
    ["wide", { width: 1280, height: 800 }],
    ["on a phone", { width: 390, height: 844 }],
  ])(
    "what is said of an event and of a delivery begins where their headings do, %s",
    async (_, viewport) => {
      const { url } = await call("POST", "/catchers", {});
      await call("POST", "/endpoints", { name: "Edges", url, events: ["edge.drawn"] });
      const { id } = await call("POST", "/events", { type: "edge.drawn", data: {} });
      const list = `/deliveries?event_id=${id}`;
      await until("it is on its way", async () => (await call("GET", list)).data.length > 0);
      const [delivery] = (await call("GET", list)).data;
      const { page } = await house.visit({ viewport });
      for (const path of [`/events/${id}`, `/deliveries/${delivery.id}`]) {
        await page.goto(path);
        await page.getByRole("term").first().waitFor();
        const left = async (role: "heading" | "term") =>
          (await page.getByRole("main").getByRole(role).first().boundingBox())?.x;
        expect(await left("term"), path).toBe(await left("heading"));
      }
    },
    LIMIT_MS,
  );

  test(
    "what is said of an empty list begins where its rows would: on a wide page, beside a drawer, on a phone",
    async () => {
      const { url } = await call("POST", "/catchers", {});
      await call("POST", "/endpoints", { name: "Rows", url, events: ["row.drawn"] });
      const { id } = await call("POST", "/events", { type: "row.drawn", data: {} });
      const list = `/deliveries?event_id=${id}`;
      await until("it is on its way", async () => (await call("GET", list)).data.length > 0);
      const open = `&open=${(await call("GET", list)).data[0].id}`;
      for (const [width, drawer] of [
        [1280, ""],
        [1280, open],
        [390, ""],
      ] as const) {
        const { page } = await house.visit({ viewport: { width, height: 844 } });
        await page.goto(`/deliveries?type=row.drawn${drawer}`);
        const row = page.getByRole("row", { name: /row\.drawn/ }).first();
        await row.waitFor();
        const begins = await row
          .getByRole("cell")
          .first()
          .evaluate((cell) => {
            return (
              cell.getBoundingClientRect().x + Number.parseFloat(getComputedStyle(cell).paddingLeft)
            );
          });
        await page.goto(`/deliveries?type=row.drawn&state=cancelled${drawer}`);
        const said = page.getByRole("heading", { name: "No delivery matches." });
        await said.waitFor();
        expect((await said.boundingBox())?.x, `${width}${drawer}`).toBe(begins);
      }
    },
    LIMIT_MS,
  );

  test(
    "on a phone the saved views stay in reach, however many filters there are",
    async () => {
      const { page } = await house.visit({ viewport: { width: 390, height: 844 }, hasTouch: true });
      await page.goto("/deliveries?state=dead&range=7d&type=order.shipped&q=A-104");
      const views = page.getByRole("button", { name: "Saved views" });
      const last = page.getByRole("button", { name: "Add a filter" });
      await last.waitFor();
      for (const chip of [page.getByRole("button", { name: /is Dead\. Change$/ }), last]) {
        await chip.scrollIntoViewIfNeeded();
        const box = await views.boundingBox();
        expect((box?.x ?? 390) + (box?.width ?? 0)).toBeLessThanOrEqual(390);
      }
      await views.tap();
      await page.getByRole("menuitem", { name: "Save this view…" }).waitFor();
    },
    LIMIT_MS,
  );

  test(
    "what a list is narrowed to is saved under a name, chosen again and removed, in this browser alone",
    async () => {
      const { page, complaints } = await house.visit();
      const views = page.getByRole("button", { name: "Saved views" });
      await page.goto("/deliveries");
      await views.click();
      const save = page.getByRole("menuitem", { name: "Save this view…" });
      expect(await save.getAttribute("aria-disabled")).toBe("true");
      await page.goto("/deliveries?state=dead&range=7d");
      await views.click();
      await save.waitFor();
      expect(await findings(page)).toEqual([]);
      await save.click();
      const dialog = page.getByRole("dialog");
      await dialog.waitFor();
      expect(await findings(page)).toEqual([]);
      await dialog.getByLabel("Name").fill("Dead this week");
      await dialog.getByRole("button", { name: "Save it" }).click();
      await dialog.waitFor({ state: "hidden" });

      await page.goto("/deliveries?type=order.*");
      await views.click();
      await page.getByRole("menuitem", { name: "Dead this week" }).click();
      await page.waitForURL(({ searchParams }) => {
        const { state, range, ...rest } = Object.fromEntries(searchParams);
        return state === "dead" && range === "7d" && Object.keys(rest).length === 0;
      });
      await page.goBack();
      await page.waitForURL((url) => url.searchParams.get("type") === "order.*");

      await page.goto("/events");
      await views.click();
      await save.waitFor();
      expect(await page.getByRole("menuitem").allInnerTexts()).toHaveLength(1);

      await page.goto("/deliveries?state=dead&range=7d");
      await views.click();
      await page.getByRole("menuitem", { name: "Remove “Dead this week”" }).click();
      await page.reload();
      await views.click();
      await save.waitFor();
      expect(await page.getByRole("menuitem").allInnerTexts()).toHaveLength(1);
      expect(complaints).toEqual([]);
    },
    LIMIT_MS,
  );

  test(
    "an endpoint's tabs lead to its own deliveries and dead letters",
    async () => {
      const { data } = await call("GET", "/endpoints");
      const { id } = data.find(({ name }: { name: string }) => name === "Lead scoring");
      const { page, complaints } = await house.visit();
      for (const tab of ["Deliveries", "Dead letters"]) {
        await page.goto(`/endpoints/${id}`);
        await page.getByRole("main").getByRole("link", { name: tab, exact: true }).click();
        await page.getByRole("heading", { name: tab, level: 1 }).waitFor();
        await page.getByRole("button", { name: "endpoint is Lead scoring. Change" }).waitFor();
      }
      expect(complaints).toEqual([]);
    },
    LIMIT_MS,
  );

  test(
    "an owner expunges an event's body, and its page says who asked for it; nobody else is offered to",
    async () => {
      const event = { type: "order.returned", data: { said: "Rosalind-4711" } };
      const { id } = await call("POST", "/events", event);
      await until("no request with it is under way", async () => {
        const { data } = await call("GET", `/deliveries?event_id=${id}`);
        return data.length > 0 && data.every(({ state }: { state: string }) => state !== "pending");
      });
      const developer = await visitAs(house, await inviteAs(house, "developer", "Some Builder"));
      const { page, complaints } = await house.visit();
      const gone = "Its body has been expunged.";
      for (const each of [developer.page, page]) {
        await each.goto(`/events/${id}`);
        await each.getByText("Rosalind-4711").waitFor();
      }
      const button = { name: "Expunge body…" };
      expect(await developer.page.getByRole("button", button).count()).toBe(0);
      await page.getByRole("button", button).click();
      const dialog = page.getByRole("dialog", { name: "Expunge the body of this order.returned?" });
      await dialog.getByRole("button", { name: "Keep it" }).click();
      await dialog.waitFor({ state: "detached" });
      await page.getByRole("button", button).click();
      await dialog.getByText("Nothing brings it back").waitFor();
      await page.keyboard.press("Control+Enter");
      await page.getByText(`${gone} Mira Kask asked for it`).waitFor();
      expect(await page.content()).not.toContain("Rosalind-4711");
      await page.getByRole("button", button).waitFor({ state: "detached" });
      expect(await call("GET", `/events/${id}`)).toMatchObject({
        ...{ body_expunged: true, payload: { data: {} } },
      });
      await developer.page.reload();
      await developer.page.getByText(gone).waitFor();
      expect(await developer.page.content()).not.toContain("asked for it");
      expect([...complaints, ...developer.complaints]).toEqual([]);
    },
    LIMIT_MS,
  );

  test(
    "what is typed on the phone is caught with a right signature, and the reply shows on the phone",
    async () => {
      const { page, complaints } = await house.visit();
      await page.goto("/catcher");
      await page.getByRole("button", { name: "Make a catcher" }).first().click();
      await page.getByText("An endpoint sends there").waitFor();
      await page.goto("/simulator");
      await page.getByRole("button", { name: "Connect a simulated WhatsApp" }).click();
      const writer = page.getByRole("textbox", { name: "Write as the customer" });
      await writer.fill("Hi! Are you open on Sunday?");
      await writer.press("Enter");
      const phone = page.getByRole("region", { name: "Phone" });
      await phone.getByText("Hi! Are you open on Sunday?").waitFor();
      const list = page.getByRole("list", { name: "Caught requests" });
      await list.getByRole("button", { name: /message\.received.*Signed/ }).click();
      await page.getByText("The signature is right").waitFor();
      const { data } = await call("GET", "/conversations");
      const reply = { conversation_id: data[0].id, text: "Yes, until six." };
      await call("POST", "/send", reply);
      await phone.getByText("Yes, until six.").waitFor();
      await phone.getByText("read").waitFor();
      const wrongly = { name: "Sign with a wrong secret" };
      await page.getByRole("switch", wrongly).click();
      // It shows what the server has taken.
      await page.getByRole("switch", { ...wrongly, checked: true }).waitFor();
      await writer.fill("Forged");
      await writer.press("Enter");
      await phone.getByText("Refused: 401").waitFor();
      expect(complaints).toEqual([]);
    },
    LIMIT_MS,
  );

  test(
    "what a list of deliveries is narrowed to leaves as one file",
    async () => {
      const { page, complaints } = await house.visit();
      await page.goto("/deliveries?type=order.shipped");
      await page.getByRole("table", { name: "Deliveries" }).getByRole("row").nth(1).waitFor();
      await page.getByRole("button", { name: "Export" }).click();
      const [file] = await Promise.all([
        page.waitForEvent("download"),
        page.getByRole("menuitem", { name: "As CSV" }).click(),
      ]);
      expect(file.suggestedFilename()).toBe("deliveries.csv");
      const [head, ...rows] = readFileSync(await file.path(), "utf8")
        .trimEnd()
        .split("\r\n");
      const { data } = await call("GET", "/deliveries?type=order.shipped");
      expect(head).toMatch(/^id,event_id,event_type,/);
      expect(rows.map((row) => row.split(",")[0])).toEqual(
        data.map(({ id }: { id: string }) => id),
      );
      expect(complaints).toEqual([]);
    },
    LIMIT_MS,
  );

  test(
    "a list of 100,000 deliveries is walked with few of its rows drawn, its place is kept, and so is the way back",
    async () => {
      await fillLog();
      const { page, complaints } = await house.visit();
      await page.goto("/deliveries");
      const table = page.getByRole("table", { name: "Deliveries" });
      await table.getByRole("row").nth(5).waitFor();
      const scroller = table.locator("xpath=..");
      const rows = () => table.locator("tr[data-row]").count();
      const last = () => table.locator("tr[data-row]").last().getAttribute("data-row").then(Number);
      // Page after page, as somebody does who drags.
      const dragTo = async (goal: number) => {
        for (let reached = 0; reached < goal; ) {
          await scroller.evaluate((element) => {
            element.scrollTop = element.scrollHeight;
          });
          await until("there is more", async () => (await last()) > reached);
          reached = await last();
          expect(await rows()).toBeLessThan(120);
        }
      };
      await dragTo(900);
      for (let n = 0; n < 20; n++) {
        await scroller.evaluate((element) => {
          element.scrollTop -= 640;
        });
        expect(await rows()).toBeLessThan(120);
      }
      const place = await scroller.evaluate((element) => element.scrollTop);
      await table.locator("tr[data-row]").nth(14).click();
      await page
        .getByRole("complementary", { name: "Delivery" })
        .getByText("accepted it")
        .waitFor();
      await page.goBack();
      await page.getByRole("complementary", { name: "Delivery" }).waitFor({ state: "detached" });
      expect(
        Math.abs((await scroller.evaluate((element) => element.scrollTop)) - place),
      ).toBeLessThan(40);

      // So far down that the first pages have been dropped.
      await dragTo(2_300);
      await page.getByRole("link", { name: "Events" }).first().click();
      await page.getByRole("heading", { name: "Events", level: 1 }).waitFor();
      await page.goBack();
      await table.getByRole("row").nth(5).waitFor();
      expect(await last()).toBeGreaterThan(2_000);
      await until("the first row is there again", async () => {
        await scroller.evaluate((element) => {
          element.scrollTop = 0;
        });
        const [{ id }] = (await call("GET", "/deliveries?limit=1")).data;
        const link = table.locator('tr[data-row="0"] .row-link').getAttribute("href");
        return (await link.catch(() => null))?.includes(id) === true;
      });
      expect(complaints).toEqual([]);
    },
    LIMIT_MS,
  );

  /** As if they had been delivered over the last hours: straight into the log. */
  async function fillLog(): Promise<void> {
    await house.query(`
      with w as (select id as workspace from workspace limit 1),
      p as (select serial from endpoint order by serial limit 1),
      made as (
        select (lpad(to_hex((extract(epoch from now()) * 1000)::bigint - 1000 - n), 12, '0') || '7'
          || substr(md5(n::text), 1, 3) || '8' || substr(md5(n::text), 4, 15))::uuid as id
        from generate_series(1, ${MANY}) n),
      e as (
        insert into event (id, workspace_id, type, occurred_at, payload, targets, config_version, owner)
        select made.id, w.workspace, 'order.shipped', now(), '{"data":{}}', array[p.serial], 1, 1
        from made, w, p)
      insert into delivery (event_id, endpoint, workspace_id, state, first_state, attempts, last_status, last_at, renderer)
      select made.id, p.serial, w.workspace, 'delivered', 'delivered', 1, 200, now(), 1 from made, w, p`);
  }
});
