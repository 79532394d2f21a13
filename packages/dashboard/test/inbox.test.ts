import { describe, expect, test } from "vitest";
import { hasChromium } from "./support/chromium.ts";
import { must } from "./support/fill.ts";
import { useHouse } from "./support/house.ts";

const LIMIT_MS = 120_000;

describe.skipIf(!hasChromium)("the inbox", () => {
  const house = useHouse();

  test(
    "shows what a customer writes while it is open, sends the reply, and says how far it came",
    async () => {
      const { server } = house;
      const channel = await must(server, "POST", "/simulator/channels", { kind: "whatsapp" });
      const writes = (text: string) =>
        must(server, "POST", `/simulator/channels/${channel.id}/acts`, {
          customer: { id: "15550100144", name: "Aino Lehtonen" },
          text,
        });
      const { page, complaints } = await house.visit();
      await page.goto("/inbox");
      await page.getByRole("heading", { name: "No conversation is open" }).waitFor();

      await writes("Is the workshop open on Sunday?");
      await page.getByRole("row", { name: /^Aino Lehtonen, WhatsApp/ }).click();
      await page.getByRole("log").getByText("Is the workshop open on Sunday?").waitFor();
      await page.getByText("Free text until").waitFor();

      await page.getByRole("textbox", { name: "Reply on WhatsApp" }).fill("Until 16:00.");
      await page.keyboard.press("Control+Enter");
      const reply = page.getByRole("log").getByRole("listitem").filter({ hasText: "Until 16:00." });
      await reply.getByText("Read").waitFor();
      const { data } = await must(
        server,
        "GET",
        `/simulator/channels/${channel.id}/thread?customer_id=15550100144`,
      );
      expect(data.map(({ text }: { text: string }) => text)).toEqual([
        "Is the workshop open on Sunday?",
        "Until 16:00.",
      ]);

      await writes("Thank you");
      const thanks = page.getByRole("log").getByRole("listitem").filter({ hasText: "Thank you" });
      await thanks.getByRole("button", { name: /Where the event of/ }).click();
      await page.getByText("There is no endpoint.").waitFor();
      expect(new URL(page.url()).searchParams.get("why")).toMatch(/^msg_/);

      await must(server, "POST", `/simulator/channels/${channel.id}/acts`, {
        customer: { id: "15550100144", name: "Aino Lehtonen" },
        image: { caption: "Seen today" },
      });
      const picture = page.getByRole("log").getByRole("img", { name: "Seen today" });
      await picture.waitFor();
      const width = picture.evaluate(async (element) => {
        if (!(element instanceof HTMLImageElement)) return 0;
        await element.decode();
        return element.naturalWidth;
      });
      expect(await width).toBe(240);

      await page.getByRole("button", { name: "Resolve" }).click();
      await page.getByRole("button", { name: "Reopen" }).waitFor();
      expect(complaints).toEqual([]);
    },
    LIMIT_MS,
  );
});
