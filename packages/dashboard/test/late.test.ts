import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { hasChromium } from "./support/chromium.ts";
import { must } from "./support/fill.ts";
import { expectFocus } from "./support/focus.ts";
import { useHouse } from "./support/house.ts";

const LIMIT_MS = 120_000;
const WAIT_MS = 10_000;

/** Keeps back what is fetched from there until it is let come; resolves when it is asked for. */
async function holdBack(page: Page, part: string) {
  let letCome = () => {};
  const allowed = new Promise<void>((resolve) => {
    letCome = resolve;
  });
  const asked = page.waitForRequest((request) => request.url().includes(`/assets/${part}-`));
  await page.route(`**/assets/${part}-*.js`, async (route) => {
    await allowed;
    await route.continue();
  });
  return { asked, letCome };
}

describe.skipIf(!hasChromium)("what is fetched when it is wanted first", () => {
  const house = useHouse();

  test(
    "a dialog is modal from the press on: keys and presses before it is there do nothing below",
    async () => {
      const { page, complaints } = await house.visit();
      await page.goto("/members");
      await page.getByRole("row", { name: /Mira Kask/ }).waitFor();
      const { asked, letCome } = await holdBack(page, "invite");
      await page.getByRole("button", { name: "Invite…" }).press("Enter");
      await asked;
      for (const key of ["n", "j", "Enter", "?", "g", "d", "Tab"]) await page.keyboard.press(key);
      await page.mouse.click(80, 300);
      letCome();
      await page.getByRole("dialog", { name: "Invite somebody" }).waitFor();
      expect(new URL(page.url()).pathname).toBe("/members");
      await expectFocus(page, "email");
      await page.keyboard.press("Escape");
      await expectFocus(page, "Invite…");
      expect(await page.getByRole("dialog").count()).toBe(0);
      await page.goBack();
      expect(page.url()).not.toContain("/members?");
      expect(complaints).toEqual([]);
    },
    LIMIT_MS,
  );

  test(
    "Esc gives up a dialog that does not come",
    async () => {
      const { page, complaints } = await house.visit();
      await page.goto("/accounts");
      const opener = page.getByRole("button", { name: "New account" }).first();
      const { asked, letCome } = await holdBack(page, "account-form");
      await opener.press("Enter");
      await asked;
      await page.keyboard.press("Escape");
      const came = page.waitForResponse(/account-form-/);
      letCome();
      await came;
      await expectFocus(page, "New account…");
      expect(await page.getByRole("dialog").count()).toBe(0);
      expect(complaints).toEqual([]);
    },
    LIMIT_MS,
  );

  test(
    "a menu's button keeps the focus until the menu is there, which gives it back",
    async () => {
      const { page, complaints } = await house.visit();
      await page.goto("/members");
      await page.getByRole("row", { name: /Mira Kask/ }).waitFor();
      const { asked, letCome } = await holdBack(page, "account-menu");
      await page.getByRole("button", { name: /your account/ }).press("Enter");
      await asked;
      await expectFocus(page, "Mira Kask: your account");
      for (const key of ["Enter", "j", "n"]) await page.keyboard.press(key);
      letCome();
      const menu = page.getByRole("menu");
      await menu.waitFor();
      await page.keyboard.press("Escape");
      await menu.waitFor({ state: "detached" });
      await expectFocus(page, "Mira Kask: your account");
      await page.keyboard.press("Enter");
      await menu.waitFor();
      expect(page.url()).not.toContain("new=");
      expect(complaints).toEqual([]);
    },
    LIMIT_MS,
  );

  test(
    "what does not come while the server is away says so, and what was typed stays",
    async () => {
      const { page } = await house.visit();
      await page.goto("/endpoints/new");
      await page.getByLabel("Name", { exact: true }).fill("Typed before");
      // Fetched beforehand, since it cannot be fetched any more when it is needed.
      await page.waitForFunction(() =>
        performance.getEntriesByType("resource").some(({ name }) => /\/jobs-/.test(name)),
      );
      await page.route("**/*", (route) => route.abort());
      await page.keyboard.press("Control+k");
      await page.getByText("This part did not load").first().waitFor();
      expect(await page.getByLabel("Name", { exact: true }).inputValue()).toBe("Typed before");
      await page.getByRole("link", { name: "Usage" }).click();
      await page.getByRole("button", { name: "Leave" }).click();
      await page.getByText("Usage did not load").waitFor();
      await page.unroute("**/*");
      await page.getByRole("button", { name: "Try again" }).click();
      await page.getByText("Plan", { exact: true }).first().waitFor();
    },
    LIMIT_MS,
  );

  test(
    "what could not be fetched is asked for again at the next press",
    async () => {
      const { page, context } = await house.visit();
      await page.goto("/members");
      await page.waitForFunction(() =>
        performance.getEntriesByType("resource").some(({ name }) => /\/jobs-/.test(name)),
      );
      for (const part of ["palette", "account-menu"])
        await context.route(`**/assets/${part}-*.js`, (route) => route.abort());
      await page.keyboard.press("Control+k");
      await page.getByText("This part did not load").first().waitFor();
      const account = page.getByRole("button", { name: /your account/ });
      const failed = page.waitForEvent("requestfailed", (request) =>
        request.url().includes("/assets/account-menu-"),
      );
      await account.click();
      await failed;
      // It is told of then, and the page is not held any longer.
      await page.locator(".late").waitFor({ state: "detached" });
      await context.unrouteAll();
      await page.keyboard.press("Control+k");
      await page.getByRole("combobox").waitFor({ timeout: WAIT_MS });
      await page.keyboard.press("Escape");
      await account.press("Enter");
      const menu = page.getByRole("menu");
      await menu.waitFor({ timeout: WAIT_MS });
      await menu.getByRole("menuitem").first().waitFor({ timeout: WAIT_MS });
      expect(await menu.getByRole("menuitem").count()).toBeGreaterThan(0);
    },
    LIMIT_MS,
  );

  test(
    "a chart that cannot be drawn leaves its page, shows its numbers, and can be drawn later",
    async () => {
      const { page } = await house.visit();
      await page.route("**/assets/plot-*.js", (route) => route.abort());
      const { server } = house;
      const url = (await must(server, "POST", "/catchers", {})).url;
      await must(server, "POST", "/endpoints", { name: "Drawn", url, events: ["chart.drawn"] });
      await must(server, "POST", "/events", { type: "chart.drawn", data: {} });
      await page.goto("/");
      await page.getByRole("table", { name: "Deliveries" }).waitFor({ timeout: WAIT_MS });
      await page.unroute("**/assets/plot-*.js");
      await page.getByRole("button", { name: "View as chart" }).click();
      const plot = page.locator(".uplot").first();
      await plot.waitFor({ timeout: WAIT_MS });
      expect(await plot.locator("canvas").count()).toBe(1);
    },
    LIMIT_MS,
  );

  test(
    "a door that does not come says so, and comes at the next try",
    async () => {
      await house.makeOwner();
      const { page } = await house.visit({ signedIn: false });
      await page.route("**/assets/door-*.js", (route) => route.abort());
      await page.goto("/");
      const failed = page.getByRole("heading", { name: "Curlew did not load" });
      await failed.waitFor({ timeout: WAIT_MS });
      await page.unroute("**/assets/door-*.js");
      await page.getByRole("button", { name: "Try again" }).click();
      await page.getByRole("heading", { name: "Sign in" }).waitFor({ timeout: WAIT_MS });
      expect(await failed.count()).toBe(0);
    },
    LIMIT_MS,
  );
});
