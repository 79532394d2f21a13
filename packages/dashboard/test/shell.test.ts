import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { findings } from "./support/axe.ts";
import { hasChromium } from "./support/chromium.ts";
import { must } from "./support/fill.ts";
import { OWNER, useHouse } from "./support/house.ts";

const LIMIT_MS = 240_000;

describe.skipIf(!hasChromium)("the door", () => {
  const house = useHouse();

  test(
    "lets the first owner in on a fresh server, and asks everybody after that to sign in",
    async () => {
      const { page, complaints } = await house.visit({ signedIn: false });
      await page.goto("/");
      await page.getByRole("heading", { name: "Create the owner" }).waitFor();
      expect(await findings(page)).toEqual([]);
      await page.getByLabel("Name").fill(OWNER.name);
      await page.getByLabel("E-mail address").fill(OWNER.email);
      await page.getByLabel("Password").fill("short");
      await page.getByLabel("Password").fill(OWNER.password);
      await page.getByRole("button", { name: "Create the owner" }).click();
      await page.getByRole("navigation", { name: "Pages" }).waitFor();

      const other = await house.visit({ signedIn: false });
      await other.page.goto("/");
      await other.page.getByRole("heading", { name: "Sign in" }).waitFor();
      expect(await findings(other.page)).toEqual([]);
      await other.page.getByLabel("E-mail address").fill(OWNER.email);
      await other.page.getByLabel("Password").fill("not the right one");
      await other.page.getByRole("button", { name: "Sign in" }).click();
      expect(await other.page.getByRole("alert").textContent()).toMatch(/req_/);
      await other.page.getByLabel("Password").fill(OWNER.password);
      await other.page.getByRole("button", { name: "Sign in" }).click();
      await other.page.getByRole("heading", { name: "Overview" }).waitFor();
      expect([...complaints, ...other.complaints]).toEqual([]);

      const { cookies } = await other.context.storageState();
      expect(cookies.map(({ name, httpOnly, sameSite }) => [name, httpOnly, sameSite])).toEqual([
        ["curlew", true, "Lax"],
      ]);
      await other.page.getByRole("button", { name: /your account/ }).click();
      await other.page.getByRole("menuitem", { name: "Sign out" }).click();
      await other.page.getByRole("heading", { name: "Sign in" }).waitFor();

      await other.page.getByLabel("E-mail address").fill(OWNER.email);
      await other.page.getByLabel("Password").fill(OWNER.password);
      await other.page.getByRole("button", { name: "Sign in" }).click();
      await other.page.getByRole("heading", { name: "Overview" }).waitFor();
      await other.context.clearCookies();
      await other.page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
      await other.page.reload();
      await other.page.getByRole("heading", { name: "Sign in" }).waitFor();
    },
    LIMIT_MS,
  );
});

describe.skipIf(!hasChromium)("the shell", () => {
  const house = useHouse();

  test(
    "every page of the sidebar that has a key has one of its own",
    async () => {
      await house.makeOwner();
      const { page, complaints } = await house.visit();
      await page.goto("/");
      await page.getByRole("navigation", { name: "Pages" }).waitFor();
      await page.keyboard.press("?");
      const shown = page.getByRole("dialog").locator("dl > div");
      await shown.filter({ hasText: "Endpoints" }).waitFor();
      const lines = await shown.allInnerTexts();
      const keys = lines.map((line) => line.replace(/^.*?\n/, ""));
      expect(keys.length).toBeGreaterThan(10);
      expect(new Set(keys).size, keys.join()).toBe(keys.length);
      await page.keyboard.press("Escape");
      for (const [key, title] of [
        ["v", "Events"],
        ["e", "Endpoints"],
      ] as const) {
        await page.keyboard.press("g");
        await page.keyboard.press(key);
        await page.getByRole("heading", { name: title, level: 1 }).waitFor();
      }
      expect(complaints).toEqual([]);
    },
    LIMIT_MS,
  );

  test(
    "a second tab knows that it is live, and goes on when the first one is closed",
    async () => {
      await house.makeOwner();
      const { page: first, context, complaints } = await house.visit();
      const isLive = (page: Page) =>
        page.getByRole("banner").getByRole("button", { name: /^Live/ }).waitFor();
      await first.goto("/events");
      await isLive(first);
      const second = await context.newPage();
      await second.goto("/events");
      await isLive(second);
      await first.close();
      await must(house.server, "POST", "/events", { type: "order.shipped", data: {} });
      await second.getByRole("row", { name: /order\.shipped/ }).waitFor();
      expect(complaints).toEqual([]);
    },
    LIMIT_MS,
  );
});
