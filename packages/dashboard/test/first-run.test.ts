import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Locator, Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { findings } from "./support/axe.ts";
import { hasChromium } from "./support/chromium.ts";
import { must } from "./support/fill.ts";
import { OWNER, useHouse } from "./support/house.ts";

const LIMIT_MS = 300_000;
/** A folder for pictures, when `npm run screenshots` asks for them. */
const PICTURES = process.env["SCREENSHOTS"];
const WIDE = { width: 1440, height: 900 };
const PHONE = { width: 390, height: 844 };

/** What axe finds on this stage of the way, in both themes and at a phone's width. */
async function look(page: Page, name: string): Promise<string[]> {
  const wrong: string[] = [];
  if (PICTURES) mkdirSync(PICTURES, { recursive: true });
  for (const [colorScheme, viewport, suffix] of [
    ["dark", WIDE, "dark"],
    ["light", PHONE, "phone-light"],
    ["light", WIDE, "light"],
  ] as const) {
    await page.setViewportSize(viewport);
    await page.emulateMedia({ colorScheme });
    if (PICTURES) await page.screenshot({ path: join(PICTURES, `${name}-${suffix}.png`) });
    for (const each of await findings(page)) wrong.push(`${name}-${suffix}: ${each}`);
    const sideways = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    if (sideways > 0) wrong.push(`${name}-${suffix}: is ${sideways} px too wide`);
  }
  return wrong;
}

describe.skipIf(!hasChromium)("the first run", () => {
  const house = useHouse();

  test(
    "leads from a fresh server to the first signed webhook, and its answer to the phone",
    async () => {
      const { page, complaints } = await house.visit({ signedIn: false });
      const wrong: string[] = [];
      await page.goto("/");
      await page.getByLabel("Name").fill(OWNER.name);
      await page.getByLabel("E-mail address").fill(OWNER.email);
      await page.getByLabel("Password").fill(OWNER.password);
      await page.getByRole("button", { name: "Create the owner" }).click();
      await page.getByRole("heading", { name: "Your first signed webhook", level: 1 }).waitFor();
      expect(new URL(page.url()).pathname).toBe("/first-run");

      const list = page.getByRole("region", { name: "What to do" });
      const step = (title: string): Locator =>
        list.getByRole("listitem").filter({ hasText: title });
      const press = (name: string) => list.getByRole("button", { name }).click();
      await list.getByRole("heading", { name: "1 of 6 done" }).waitFor();
      await step("Create the owner").getByText(OWNER.email).waitFor();
      wrong.push(...(await look(page, "first-run-begin")));

      await press("Make it");
      await step("Make an endpoint").getByText("The built-in catcher, dialect curlew").waitFor();
      await page.getByText("Nothing was caught yet").waitFor();
      await press("Connect a simulated WhatsApp");
      await step("Connect a phone")
        .getByText(/^WhatsApp test/)
        .waitFor();

      // On the phone itself, as a customer would.
      const phone = page.getByRole("region", { name: "Phone" });
      await phone.getByLabel("Write as the customer").fill("Is the gravel bike still there?");
      await phone.getByRole("button", { name: "Send" }).click();
      await step("Write as a customer").getByText("Test customer on WhatsApp").waitFor();
      await step("Catch the signed webhook")
        .getByText(/every signature right/)
        .waitFor();
      await page.getByText("The signature is right").waitFor();
      const caught = page.getByRole("list", { name: "Caught requests" });
      await caught.getByRole("button", { name: /message\.received/ }).click();
      await page.getByText("Is the gravel bike still there?").last().waitFor();
      await list.getByRole("heading", { name: "5 of 6 done" }).waitFor();
      await list.getByText(/\/v1\/send/).waitFor();
      wrong.push(...(await look(page, "first-run-answer")));

      await press("Send it for me");
      await list.getByRole("heading", { name: "6 of 6 done" }).waitFor();
      await phone.getByText("Dogs are welcome.").waitFor();
      await caught.getByRole("button", { name: /message\.sent/ }).waitFor();
      await list.getByRole("heading", { name: /What comes next/ }).waitFor();
      wrong.push(...(await look(page, "first-run-done")));

      // It is the server that knows: another browser sees the same.
      const other = await house.visit({ signedIn: false });
      await other.context.addCookies(await page.context().cookies());
      await other.page.goto("/first-run");
      await other.page.getByRole("heading", { name: "6 of 6 done" }).waitFor();
      const { data } = await must(house.server, "GET", "/endpoints");
      expect(data).toHaveLength(1);
      expect(wrong).toEqual([]);
      expect([...complaints, ...other.complaints]).toEqual([]);
    },
    LIMIT_MS,
  );
});

describe.skipIf(!hasChromium)("the way to the first run", () => {
  const house = useHouse();

  test(
    "stands on the overview until something is delivered or it is put away; the palette still has it",
    async () => {
      const { page, complaints } = await house.visit();
      const pages = page.getByRole("navigation", { name: "Pages" });
      await page.goto("/");
      await page.getByText("No webhook has been delivered yet").waitFor();
      await page.getByText("Nothing was accepted in this time").waitFor();
      expect(await look(page, "overview-fresh")).toEqual([]);
      await page.getByRole("link", { name: "Begin" }).click();
      await page.getByRole("heading", { name: "1 of 6 done" }).waitFor();
      await page.getByRole("button", { name: "Put away" }).click();
      await page.getByRole("heading", { name: "Overview", level: 1 }).waitFor();
      await pages.getByRole("link", { name: "Simulator" }).waitFor();
      expect(await pages.getByRole("link", { name: "First run" }).count()).toBe(0);
      expect(await page.getByText("No webhook has been delivered yet").count()).toBe(0);

      await page.keyboard.press("Control+k");
      await page.getByRole("combobox").fill("First run");
      await page.getByRole("option", { name: "First run" }).click();
      await page.getByRole("button", { name: "Keep in the sidebar" }).click();
      await pages.getByRole("link", { name: "First run" }).waitFor();

      const { url } = await must(house.server, "POST", "/catchers", {});
      await must(house.server, "POST", "/endpoints", { name: "Mine", url });
      await page.goto("/");
      await page.getByText("No webhook has been delivered yet").waitFor();
      await must(house.server, "POST", "/events", { type: "order.shipped", data: {} });
      await page.getByText("No webhook has been delivered yet").waitFor({ state: "detached" });
      expect(complaints).toEqual([]);
    },
    LIMIT_MS,
  );
});
