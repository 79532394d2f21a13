import type { Locator, Page } from "playwright-core";
import { beforeAll, describe, expect, test } from "vitest";
import { until } from "../../server/test/support/until.ts";
import { hasChromium } from "./support/chromium.ts";
import { must } from "./support/fill.ts";
import { useHouse } from "./support/house.ts";

const LIMIT_MS = 120_000;
const COUNT = 4_812;

async function topOf(locator: Locator): Promise<number> {
  const box = await locator.first().boundingBox();
  if (!box) throw new Error(`${locator} is not shown`);
  return Math.round(box.y);
}

/** Keeps an answer of the API back until it is let come. */
async function holdBack(page: Page, address: string | RegExp, answer?: object) {
  let letCome = () => {};
  const allowed = new Promise<void>((resolve) => {
    letCome = resolve;
  });
  await page.route(address, async (route) => {
    await allowed;
    await (answer === undefined ? route.continue() : route.fulfill({ json: answer }));
  });
  return letCome;
}

describe.skipIf(!hasChromium)("what the server answers late", () => {
  const house = useHouse();
  beforeAll(async () => {
    await house.makeOwner();
    const { server } = house;
    const { url } = await must(server, "POST", "/catchers", { name: "Refuses", status: 401 });
    const endpoint = { name: "Refuses", url, retry_schedule: [1] };
    await must(server, "POST", "/endpoints", endpoint);
    await must(server, "POST", "/events", { type: "order.shipped", data: {} });
    await until("it is dead", async () => {
      const { data } = await must(server, "GET", "/dead-letters");
      return data.length === 1;
    });
  }, LIMIT_MS);

  test.each([
    ["wide", { width: 1280, height: 800 }],
    ["on a phone", { width: 390, height: 844 }],
  ])(
    "is room left for: the causes of dead letters do not move the list, %s",
    async (_, viewport) => {
      const { page } = await house.visit({ viewport });
      const letCome = await holdBack(page, /dead-letters\/causes\?by=endpoint/);
      await page.goto("/dead-letters");
      const row = page.getByRole("row", { name: /order\.shipped/ });
      await row.waitFor();
      const before = await topOf(row);
      letCome();
      await page.getByRole("button", { name: /Refuses.*401/ }).waitFor();
      await page.getByText("still fails").or(page.getByText("not tried")).first().waitFor();
      expect(await topOf(row)).toBe(before);
    },
    LIMIT_MS,
  );

  test.each([
    ["few", 7],
    ["many, whose number is typed", COUNT],
  ])(
    "is room left for: the count of a replay does not move the buttons, for %s",
    async (_, count) => {
      const { page } = await house.visit();
      const letCome = await holdBack(page, "**/v1/dead-letters/replay", {
        ...{ count, is_exact: true, expunged: 0, job_id: null },
      });
      await page.goto("/dead-letters");
      await page.getByRole("button", { name: /^Replay \d/ }).click();
      const dialog = page.getByRole("dialog");
      await dialog.getByText("Counting").first().waitFor();
      const cancel = dialog.getByRole("button", { name: /^Cancel/ });
      const before = await topOf(cancel);
      letCome();
      await dialog.getByText("Counted at").waitFor();
      expect(await dialog.getByRole("textbox").count()).toBe(count === COUNT ? 1 : 0);
      expect(await topOf(cancel)).toBe(before);
    },
    LIMIT_MS,
  );

  test(
    "or not at all is not told as nothing: on the overview, under a list, at the foot of the sidebar",
    async () => {
      const { page } = await house.visit();
      const problem = { code: "unavailable", detail: "The database is away." };
      await page.route(/\/v1\/(?!me|stream)/, (route) =>
        route.fulfill({ status: 503, json: problem }),
      );
      await page.goto("/");
      await page.getByText("What waits for you did not load.").waitFor();
      await page.getByText("What happened did not load.").waitFor();
      await page.getByText("Its health did not load").waitFor();
      expect(await page.getByText(/Nothing waits|Nothing has happened/).count()).toBe(0);
      await page.goto("/deliveries");
      await page.getByText("Deliveries did not load").waitFor();
      expect(await page.getByText("in all").count()).toBe(0);
      const foot = await topOf(page.getByRole("main").locator("kbd", { hasText: /^J$/ }));
      expect(foot).toBeGreaterThan(860);
    },
    LIMIT_MS,
  );

  test(
    "is not told beforehand: the sidebar calls nothing well before it knows",
    async () => {
      const { page } = await house.visit();
      const letCome = await holdBack(page, "**/v1/server");
      await page.goto("/accounts");
      const line = page.getByTitle("The server's health");
      await line.waitFor();
      expect(await line.locator(".bg-delivered-solid").count()).toBe(0);
      letCome();
      await line.locator(".bg-delivered-solid").waitFor();
    },
    LIMIT_MS,
  );

  test(
    "or never is given up, and told",
    async () => {
      const { page } = await house.visit();
      await page.clock.install();
      let asked = 0;
      await page.route(/\/v1\/deliveries\?/, () => {
        // Nobody answers.
        asked++;
      });
      const reached = page.waitForRequest(/\/v1\/deliveries\?/);
      await page.goto("/deliveries");
      await reached;
      await page.clock.fastForward(44_000);
      expect(await page.getByText("Deliveries did not load").count()).toBe(0);
      await page.clock.fastForward(2_000);
      await page.getByText("Deliveries did not load").waitFor();
      await page.getByText("The server takes too long to answer.").waitFor();
      const before = asked;
      await page.clock.fastForward(20_000);
      expect(asked, "nobody waits for it a second time unasked").toBe(before);
    },
    LIMIT_MS,
  );

  test(
    "or not at all is said at the end of the list, from where it is asked for again",
    async () => {
      const { page } = await house.visit();
      let isAway = true;
      await page.route(/\/v1\/dead-letters\?/, async (route) => {
        const isNext = route.request().url().includes("cursor=");
        if (isNext && isAway) return route.fulfill({ status: 503, json: { detail: "Away." } });
        if (isNext)
          return route.fulfill({ json: { data: [], has_more: false, next_cursor: null } });
        const response = await route.fetch();
        const json = { ...(await response.json()), has_more: true, next_cursor: "next" };
        await route.fulfill({ response, json });
      });
      await page.goto("/dead-letters");
      const said = page.getByText("What follows did not load.");
      await said.waitFor();
      expect(await page.getByRole("row", { name: /order\.shipped/ }).count()).toBe(1);
      isAway = false;
      await page.getByRole("button", { name: "Try again" }).click();
      await said.waitFor({ state: "detached" });
      await page.getByText("1 in all").waitFor();
    },
    LIMIT_MS,
  );
});
