import { describe, expect, test } from "vitest";
import { hasChromium } from "./support/chromium.ts";
import { useHouse } from "./support/house.ts";

const LIMIT_MS = 180_000;

describe.skipIf(!hasChromium)("a channel that is connected", () => {
  const house = useHouse();

  test(
    "may have any id that Meta gives; one that looks like none is noted, and what is none is refused at its field",
    async () => {
      const { page, complaints } = await house.visit();
      await page.goto("/channels/new?kind=instagram");
      const id = page.getByLabel("Instagram account id");
      const note = page.getByText("It hardly looks like one. It is sent as it stands.");
      await page.getByLabel("Name", { exact: true }).fill("Shop");
      await id.fill("17841405822304914");
      expect(await note.count()).toBe(0);
      await id.fill("@shop");
      await note.waitFor();
      await id.press("Enter");
      await page.getByRole("alert").filter({ hasText: "Must be the id of the" }).waitFor();
      await id.fill("IG-account.1");
      await id.press("Enter");
      await page.getByRole("heading", { name: "Shop", level: 1 }).waitFor();
      await page.getByText("IG-account.1").first().waitFor();
      expect(complaints).toEqual([]);
    },
    LIMIT_MS,
  );
});
