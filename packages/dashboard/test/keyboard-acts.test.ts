import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { until } from "../../server/test/support/until.ts";
import { hasChromium } from "./support/chromium.ts";
import { must } from "./support/fill.ts";
import { expectFocus, focused, tabTo } from "./support/focus.ts";
import { useHouse } from "./support/house.ts";

const LIMIT_MS = 180_000;

describe.skipIf(!hasChromium)("by keys alone", () => {
  const house = useHouse();

  test(
    "a replay asks first, from the list and from an endpoint, and its confirm leads back",
    async () => {
      const { server } = house;
      const catcher = await must(server, "POST", "/catchers", {
        name: "Lead scoring",
        status: 401,
      });
      const { id } = await must(server, "POST", "/endpoints", {
        ...{ name: "Lead scoring", url: catcher.url, retry_schedule: [1] },
      });
      await must(server, "POST", "/events", { type: "order.shipped", data: {} });
      await until("it is dead", async () => {
        return (await must(server, "GET", "/dead-letters")).data.length === 1;
      });
      const { page, complaints } = await house.visit();
      await page.goto("/dead-letters");
      await page.getByRole("row", { name: /order\.shipped/ }).waitFor();
      await page.getByRole("button", { name: "Replay 1…" }).waitFor();
      await page.keyboard.press("Shift+R");
      await page.getByRole("dialog", { name: "Replay 1 dead letter?" }).waitFor();
      await expectFocus(page, "Cancel");
      await page.keyboard.press("Enter");
      await page.getByRole("dialog").waitFor({ state: "detached" });
      await expectFocus(page, "Dead letters");
      await page.getByRole("button", { name: "Replay 1…" }).press("Enter");
      await page.getByRole("dialog", { name: "Replay 1 dead letter?" }).waitFor();
      await page.keyboard.press("Escape");
      await expectFocus(page, "Replay 1…");

      await page.goto(`/endpoints/${id}`);
      await page.getByRole("button", { name: "Replay…" }).press("Enter");
      const dialog = page.getByRole("dialog", { name: "Replay what it missed" });
      await dialog.waitFor();
      await page.keyboard.press("Escape");
      await expectFocus(page, "Replay…");
      await must(server, "PATCH", `/catchers/${catcher.id}`, { status: 200 });
      await page.keyboard.press("Shift+R");
      await dialog.getByText("1 delivery").waitFor();
      await page.keyboard.press("Control+Enter");
      await dialog.waitFor({ state: "detached" });
      await page.getByText("1 was taken for delivery").waitFor();
      await expectFocus(page, "Replay…");
      expect(complaints).toEqual([]);
    },
    LIMIT_MS,
  );

  test(
    "a simulated channel is made and written to, and a catcher beside it shows what left",
    async () => {
      const { page, complaints } = await house.visit();
      await page.goto("/simulator?kind=instagram");
      await page.getByRole("button", { name: "Connect a simulated Instagram" }).press("Enter");
      const write = page.getByLabel("Write as the customer");
      await write.waitFor();
      await expectFocus(page, "Write as the customer");
      await page.keyboard.type("Have you a list?");
      await page.keyboard.press("Enter");
      await page.getByRole("list", { name: "What the phone shows" }).getByText("Taken").waitFor();
      expect(await focused(page)).toBe("Write as the customer");
      await tabTo(page, "Story");
      await page.keyboard.press("Enter");
      await page.getByText("Love this one").first().waitFor();
      expect(await focused(page)).toBe("Story");
      expect(complaints).toEqual([]);
    },
    LIMIT_MS,
  );

  test(
    "a catcher is made, chosen, told what to answer, and deleted",
    async () => {
      const { page, complaints } = await house.visit();
      for (const name of ["First", "Second"])
        await must(house.server, "POST", "/catchers", { name });
      await page.goto("/catcher");
      const others = page.getByRole("combobox", { name: "Catcher", exact: true });
      await others.focus();
      const chosen = () =>
        others.evaluate((list: HTMLSelectElement) => list.selectedOptions[0]?.text);
      const before = await chosen();
      const isFirst = await others.evaluate((list: HTMLSelectElement) => list.selectedIndex === 0);
      await page.keyboard.press(isFirst ? "ArrowDown" : "ArrowUp");
      await until("another is shown", async () => (await chosen()) !== before);
      expect(await focused(page)).toBe("Catcher");
      await page.getByRole("button", { name: "Delete…" }).press("Enter");
      await expectFocus(page, "Keep it");
      await page.keyboard.press("Escape");
      await expectFocus(page, "Delete…");
      await page.keyboard.press("Enter");
      await expectFocus(page, "Keep it");
      await page.keyboard.press("Control+Enter");
      await page.getByRole("dialog").waitFor({ state: "detached" });
      await expectFocus(page, "Delete…");
      expect(complaints).toEqual([]);
    },
    LIMIT_MS,
  );

  const makers = [
    { path: "/endpoints", title: "New endpoint", role: "heading" },
    { path: "/channels", title: "Connect a channel", role: "heading" },
    { path: "/accounts", title: "New account", role: "dialog" },
    { path: "/api-keys", title: "New API key", role: "dialog" },
    { path: "/members", title: "Invite somebody", role: "dialog" },
  ] as const;
  test(
    "N makes what a list is of, in every list of what can be made",
    async () => {
      const { page, complaints } = await house.visit();
      for (const { path, title, role } of makers) {
        await page.goto(path);
        await page.waitForFunction(() => document.querySelector("#page[aria-busy=false]") !== null);
        await page.keyboard.press("n");
        await page.getByRole(role, { name: title, exact: true }).waitFor();
      }
      expect(complaints).toEqual([]);
    },
    LIMIT_MS,
  );

  test(
    "a list is filtered by F, arrows and Enter",
    async () => {
      const { page, complaints } = await house.visit();
      await page.goto("/deliveries");
      await page.getByRole("heading", { name: "Deliveries" }).waitFor();
      await page.keyboard.press("f");
      await page.getByRole("dialog", { name: "Add a filter" }).waitFor();
      await expectFocus(page, "state");
      await page.keyboard.press("Enter");
      await expectFocus(page, "Pending");
      await page.keyboard.press("ArrowDown");
      await page.keyboard.press("ArrowDown");
      await expectFocus(page, "Dead");
      await page.keyboard.press("Enter");
      await page.getByRole("button", { name: "state is Dead. Change" }).waitFor();
      await expectFocus(page, "Add a filter");
      expect(complaints).toEqual([]);
    },
    LIMIT_MS,
  );

  const ways = [
    {
      way: "F6 and its button",
      stop: async (page: Page) => {
        await page.keyboard.press("F6");
        await tabTo(page, "Stop");
        await page.keyboard.press("Enter");
        await page.getByText("Stopped after 12").waitFor();
        await expectFocus(page, "Replaying 40 to CRM");
        await page.keyboard.press("Escape");
      },
    },
    {
      way: "the palette",
      stop: async (page: Page) => {
        await page.keyboard.press("Control+k");
        await page.getByRole("combobox").waitFor();
        await page.keyboard.type("stop repl");
        await page.keyboard.press("Enter");
        await page.getByText("Stopped after 12").waitFor();
      },
    },
  ];
  test.each(ways)(
    "a job is stopped by $way, and the focus is back on the page",
    async ({ stop }) => {
      const { page, context, complaints } = await house.visit();
      const followed = JSON.stringify([{ id: "job_1", title: "Replaying 40 to CRM" }]);
      await context.addInitScript((jobs) => sessionStorage.setItem("curlew.jobs", jobs), followed);
      let state = "running";
      await page.route("**/v1/jobs/**", async (route) => {
        if (route.request().method() === "POST") state = "stopped";
        await route.fulfill({ json: { id: "job_1", state, done: 12, total: 40, error: null } });
      });
      await page.goto("/usage");
      await page.getByText("12 of 40").waitFor();
      await expectFocus(page, "Usage");
      await stop(page);
      await expectFocus(page, "Usage");
      expect(complaints).toEqual([]);
    },
    LIMIT_MS,
  );
});
