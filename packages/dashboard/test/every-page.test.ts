import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { beforeAll, describe, expect, test } from "vitest";
import { findings } from "./support/axe.ts";
import { hasChromium } from "./support/chromium.ts";
import { useHouse } from "./support/house.ts";
import { walks } from "./walks/index.ts";

/** A folder for pictures, when `npm run screenshots` asks for them. */
const PICTURES = process.env["SCREENSHOTS"];
const LIMIT_MS = 600_000;
const PHONE = { width: 390, height: 844 };
/** Of axe's rules those that see colours: the others say of a page the same in every theme. */
const RULES_OF_COLOUR = ["color-contrast", "link-in-text-block"];
/** A phone has the colours of the wide page: one theme is enough, but for pictures. */
const themesOn = (isPhone: boolean) =>
  isPhone && PICTURES === undefined ? (["light"] as const) : (["light", "dark"] as const);

describe.skipIf(!hasChromium)("every page", () => {
  const house = useHouse();
  beforeAll(async () => {
    await house.makeOwner();
    for (const { fill } of walks) await fill?.(house);
  }, LIMIT_MS);

  test(
    "has nothing that axe finds in either theme, runs nothing that the policy refuses, and fits a phone",
    async () => {
      const wide = await house.visit({ colorScheme: "light" });
      const narrow = await house.visit({ colorScheme: "light", viewport: PHONE, hasTouch: true });
      if (PICTURES) mkdirSync(PICTURES, { recursive: true });
      const wrong: string[] = [];
      for (const { name, path, onPhone, prepare } of walks.flatMap((walk) => walk.views())) {
        const visitors = [
          [wide, ""],
          ...(onPhone === true ? [[narrow, "-phone"] as const] : []),
        ] as const;
        for (const [{ page, complaints }, suffix] of visitors) {
          complaints.length = 0;
          await page.emulateMedia({ colorScheme: "light" });
          await page.goto(path);
          await headingOf(page, `${name}${suffix}`, complaints);
          await page.waitForLoadState("load");
          await isDone(page);
          await prepare?.(page);
          for (const theme of themesOn(suffix !== "")) {
            const view = `${name}${suffix}-${theme}`;
            await page.emulateMedia({ colorScheme: theme });
            if (PICTURES) await takePicture(page, join(PICTURES, `${view}.png`));
            const rules = theme === "light" ? undefined : RULES_OF_COLOUR;
            for (const each of await findings(page, rules)) wrong.push(`${view}: ${each}`);
          }
          for (const each of complaints) wrong.push(`${name}${suffix}: ${each}`);
          const sideways = await page.evaluate(
            () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
          );
          if (sideways > 0) wrong.push(`${name}${suffix}: is ${sideways} px too wide`);
        }
      }
      expect(wrong).toEqual([]);
    },
    LIMIT_MS,
  );
});

/** A page that does not come is named, with what the browser complained of. */
async function headingOf(page: Page, view: string, complaints: readonly string[]): Promise<void> {
  // Not by its role: behind a dialog it has none.
  const heading = page.locator("h1").first();
  await heading.waitFor().catch((cause: unknown) => {
    const said = complaints.length === 0 ? "" : `: ${complaints.join("; ")}`;
    throw new Error(`${view} at ${page.url()} shows no heading${said}`, { cause });
  });
}

/** A chart is drawn anew in the colours of another theme. */
async function takePicture(page: Page, path: string): Promise<void> {
  await isDone(page);
  await page.screenshot({ path });
}

async function isDone(page: Page): Promise<void> {
  await page.waitForFunction(() => document.querySelector("[aria-busy=true]") === null);
}
