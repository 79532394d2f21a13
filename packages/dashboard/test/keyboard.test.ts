import { describe, expect, test } from "vitest";
import { hasChromium } from "./support/chromium.ts";
import { must, openReceiver } from "./support/fill.ts";
import { expectFocus, focused } from "./support/focus.ts";
import { useHouse } from "./support/house.ts";

const LIMIT_MS = 180_000;
const PDF = Buffer.from("%PDF-1.4\n%%EOF\n");

describe.skipIf(!hasChromium)("with the keyboard alone", () => {
  const house = useHouse();

  test(
    "Enter makes an endpoint, and leads to what is missing until then",
    async () => {
      const receiver = await openReceiver(() => 200);
      house.onEnd(() => receiver.close());
      const { page, complaints } = await house.visit();
      await page.goto("/endpoints/new");
      await expectFocus(page, "name");
      await page.keyboard.press("Enter");
      await page.getByText("Give it a name.").waitFor();
      expect(await focused(page)).toBe("name");
      await page.keyboard.type("By keys");
      await page.keyboard.press("Enter");
      await page.getByText("Say where your server is.").waitFor();
      await expectFocus(page, "url");
      await page.keyboard.type(receiver.url);
      await page.keyboard.press("Enter");
      await page.getByRole("dialog", { name: "Your signing secret" }).waitFor();
      expect(complaints).toEqual([]);
    },
    LIMIT_MS,
  );

  test(
    "Enter in a dialog does what its button does, and where that cannot be, leads to why",
    async () => {
      const { page, complaints } = await house.visit();
      await page.goto("/accounts");
      await page.getByRole("button", { name: "New account" }).first().press("Enter");
      const dialog = page.getByRole("dialog", { name: "New account" });
      await dialog.waitFor();
      await page.keyboard.press("Enter");
      await expectFocus(page, "Make the account");
      await dialog.getByLabel("Name", { exact: true }).focus();
      await page.keyboard.type("Kestrel Outdoor");
      await page.keyboard.press("Enter");
      await page.getByRole("row", { name: /^Kestrel Outdoor/ }).waitFor();
      await dialog.waitFor({ state: "detached" });
      // The button that opened it went with the empty list.
      await expectFocus(page, "Accounts");
      expect(complaints).toEqual([]);
    },
    LIMIT_MS,
  );

  test(
    "a dialog that only asks begins with the button that keeps, and gives the focus back",
    async () => {
      const { page, complaints } = await house.visit();
      const { id } = await must(house.server, "POST", "/events", {
        ...{ type: "order.shipped", data: {} },
      });
      await page.goto(`/events/${id}`);
      await page.getByRole("button", { name: "Expunge body" }).press("Enter");
      await page.getByRole("dialog", { name: /order\.shipped/ }).waitFor();
      await expectFocus(page, "Keep it");
      await page.keyboard.press("Enter");
      await expectFocus(page, "Expunge body…");
      expect((await must(house.server, "GET", `/events/${id}`)).body_expunged).toBe(false);
      expect(complaints).toEqual([]);
    },
    LIMIT_MS,
  );

  test(
    "a customer is answered, with a file, by R and A",
    async () => {
      const { server } = house;
      const { page, complaints } = await house.visit();
      const { id } = await must(server, "POST", "/simulator/channels", { kind: "whatsapp" });
      await must(server, "POST", `/simulator/channels/${id}/acts`, { text: "Have you a list?" });
      const { data } = await must(server, "GET", "/conversations");
      page.on("filechooser", (chooser) => {
        const file = { name: "list.pdf", mimeType: "application/pdf", buffer: PDF };
        void chooser.setFiles(file);
      });
      await page.goto(`/inbox/${data[0].id}`);
      await page.getByText("Have you a list?").last().waitFor();
      await page.getByLabel("Reply on WhatsApp").waitFor();
      await page.keyboard.press("r");
      expect(await focused(page)).toBe("Reply on WhatsApp");
      await page.keyboard.type("Here it is");
      await page.getByRole("heading", { level: 1 }).focus();
      await page.keyboard.press("a");
      await page.getByRole("button", { name: "Take list.pdf away" }).waitFor();
      await expectFocus(page, "Reply on WhatsApp");
      await page.getByText("goes as a document").waitFor();
      await page.keyboard.press("Control+Enter");
      await page.getByRole("link", { name: /^list\.pdf/ }).waitFor();
      expect(complaints).toEqual([]);
    },
    LIMIT_MS,
  );

  test(
    "what vanishes with its act hands the focus to the heading above it",
    async () => {
      const { page, complaints } = await house.visit();
      const { id } = await must(house.server, "POST", "/endpoints", {
        ...{ name: "CRM", url: "http://127.0.0.1:9/hooks" },
      });
      await must(house.server, "POST", `/endpoints/${id}/rotate-secret`, { step: "stage" });
      await page.goto(`/endpoints/${id}?tab=secrets`);
      await page.getByRole("button", { name: "Promote it" }).press("Enter");
      await page.getByRole("button", { name: "Retire…" }).waitFor();
      await expectFocus(page, "Signing secrets");
      await page.goto("/");
      await page.getByRole("heading", { name: "Overview" }).waitFor();
      await page.getByRole("link", { name: "Skip to the page" }).press("Enter");
      expect(await page.evaluate(() => document.activeElement?.id)).toBe("page");
      await page.keyboard.press("g");
      await page.keyboard.press("v");
      await expectFocus(page, "Events");
      expect(complaints).toEqual([]);
    },
    LIMIT_MS,
  );
});
