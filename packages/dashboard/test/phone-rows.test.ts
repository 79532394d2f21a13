import type { Locator } from "playwright-core";
import { beforeAll, describe, expect, test } from "vitest";
import { until } from "../../server/test/support/until.ts";
import { hasChromium } from "./support/chromium.ts";
import { must } from "./support/fill.ts";
import { useHouse } from "./support/house.ts";

const LIMIT_MS = 120_000;
const PHONE = { width: 390, height: 844 };
const SAME_LINE_PX = 8;

async function boxOf(locator: Locator) {
  const box = await locator.first().boundingBox();
  if (!box) throw new Error(`${locator} is not shown`);
  return { ...box, right: box.x + box.width, middle: box.y + box.height / 2 };
}

describe.skipIf(!hasChromium)("a row of a list, on a phone", () => {
  const house = useHouse();
  beforeAll(async () => {
    await house.makeOwner();
    const { server } = house;
    const { url } = await must(server, "POST", "/catchers", { name: "Refuses", status: 401 });
    await must(server, "POST", "/endpoints", { name: "Refuses", url, retry_schedule: [1] });
    const phone = { kind: "whatsapp", name: "Test number" };
    const { id } = await must(server, "POST", "/simulator/channels", phone);
    await must(server, "POST", `/simulator/channels/${id}/acts`, { text: "Open on Sunday?" });
    await until("it is dead", async () => {
      const { data } = await must(server, "GET", "/dead-letters?type=message.received");
      return data.length === 1;
    });
  }, LIMIT_MS);

  test.each([
    "/deliveries?type=message.received",
    "/dead-letters",
    "/events?type=message.received",
  ])(
    "is two lines, the age at the end of the first, in %s",
    async (path) => {
      const { page } = await house.visit({ viewport: PHONE, hasTouch: true });
      await page.goto(path);
      const row = page.getByRole("row", { name: /message\.received/ }).first();
      await row.waitFor();
      const [type, age, whole] = await Promise.all([
        boxOf(row.locator("code")),
        boxOf(row.locator("time")),
        boxOf(row),
      ]);
      expect(Math.abs(type.middle - age.middle)).toBeLessThan(SAME_LINE_PX);
      expect(whole.height).toBeLessThanOrEqual(64);
    },
    LIMIT_MS,
  );

  test.each([
    ["on a phone", PHONE],
    ["in the column of a wide page", { width: 1440, height: 900 }],
  ])(
    "of the inbox has who wrote beside their disc, %s",
    async (_, viewport) => {
      const { page } = await house.visit({ viewport });
      await page.goto("/inbox");
      const row = page.getByRole("row", { name: /Test customer/ }).first();
      const name = await boxOf(row.locator("b"));
      const disc = await boxOf(row.locator("td > div > :first-child"));
      expect(name.x).toBeGreaterThanOrEqual(disc.right);
    },
    LIMIT_MS,
  );
});
