import type { Locator, Page } from "playwright-core";
import { beforeAll, describe, expect, test } from "vitest";
import { hasChromium } from "./support/chromium.ts";
import { must } from "./support/fill.ts";
import { useHouse } from "./support/house.ts";

const LIMIT_MS = 120_000;
const PHONE = { width: 390, height: 844 };
const NAME =
  "An-endpoint-for-which-somebody-pasted-a-whole-sentence-without-a-single-space-into-the-field-of-it";

async function boxOf(locator: Locator) {
  const box = await locator.first().boundingBox();
  if (!box) throw new Error(`${locator} is not shown`);
  return { left: box.x, right: box.x + box.width, top: box.y, bottom: box.y + box.height };
}

describe.skipIf(!hasChromium)("a very long name", () => {
  const house = useHouse();
  let endpoint = "";
  beforeAll(async () => {
    const { server } = house;
    await house.makeOwner();
    const body = { name: NAME, url: "http://127.0.0.1:9/hooks" };
    endpoint = (await must(server, "POST", "/endpoints", body)).id;
    await must(server, "POST", "/api-keys", { name: NAME, scopes: ["events:read"] });
    await must(server, "POST", "/accounts", { name: NAME });
  }, LIMIT_MS);

  test(
    "leaves the buttons of its page free",
    async () => {
      const { page } = await house.visit({ viewport: { width: 1200, height: 800 } });
      await page.goto(`/endpoints/${endpoint}`);
      const title = await boxOf(page.getByRole("heading", { level: 1 }));
      const pause = await boxOf(page.getByRole("button", { name: "Pause" }));
      expect(title.right <= pause.left || title.bottom <= pause.top).toBe(true);
    },
    LIMIT_MS,
  );

  const lists = [
    { path: "/endpoints", mark: "Enabled" },
    { path: "/api-keys", mark: "Live" },
  ];
  test.each(lists)(
    "leaves its state in sight on a phone, in $path",
    async ({ path, mark }) => {
      const { page } = await house.visit({ viewport: PHONE, hasTouch: true });
      await page.goto(path);
      const row = page.getByRole("row", { name: new RegExp(NAME) });
      const { right } = await boxOf(row.getByText(mark));
      expect(right).toBeLessThanOrEqual(PHONE.width);
    },
    LIMIT_MS,
  );

  test(
    "has the width of a phone in the title of a channel, its state below it",
    async () => {
      const body = { kind: "instagram", name: NAME, external_id: "17841405822304777" };
      const { id } = await must(house.server, "POST", "/channels", body);
      const { page } = await house.visit({ viewport: PHONE, hasTouch: true });
      await page.goto(`/channels/${id}`);
      const heading = page.getByRole("heading", { level: 1 });
      const name = await boxOf(heading.getByText(NAME, { exact: true }));
      expect(name.right - name.left).toBeGreaterThan(300);
      const state = await boxOf(heading.getByText("Connected"));
      expect(state.top).toBeGreaterThanOrEqual(name.bottom);
    },
    LIMIT_MS,
  );

  test(
    "is read in full where the pointer rests, in a row and in a drawer",
    async () => {
      const { page } = await house.visit({ viewport: { width: 1300, height: 800 } });
      await page.goto("/accounts");
      await page.getByRole("row", { name: NAME }).press("Enter");
      const drawer = page.getByRole("complementary", { name: "Account" });
      await drawer.getByRole("heading", { name: NAME }).waitFor();
      const row = await boxOf(page.getByRole("row", { name: NAME }));
      await expectHint(page, { x: row.left + 60, y: (row.top + row.bottom) / 2 });
      const head = await boxOf(drawer.getByRole("heading", { name: NAME }));
      await expectHint(page, { x: head.left + 60, y: (head.top + head.bottom) / 2 });
    },
    LIMIT_MS,
  );

  test(
    "and a narrow screen leave forms their words, and the buttons of them in one line",
    async () => {
      const { page } = await house.visit({ viewport: { width: 1_024, height: 768 } });
      await page.goto("/channels/new?kind=sms");
      const { left, right } = await boxOf(page.getByRole("region", { name: "What follows" }));
      expect(right - left).toBeGreaterThan(240);
      await page.goto("/endpoints/new");
      await page.getByRole("radio", { name: /chatmefy/ }).check();
      await page.getByText("The secret is shown once").waitFor();
      const create = await boxOf(page.getByRole("button", { name: "Create endpoint" }));
      const cancel = await boxOf(page.getByRole("button", { name: "Cancel" }));
      expect(create.top).toBe(cancel.top);
    },
    LIMIT_MS,
  );

  async function expectHint(page: Page, { x, y }: { x: number; y: number }): Promise<void> {
    await page.mouse.move(x, y);
    await page.locator(".hint", { hasText: NAME }).waitFor();
    await page.mouse.move(5, 5);
    await page.locator(".hint").waitFor({ state: "detached" });
  }
});
