import type { Locator, Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { until } from "../../server/test/support/until.ts";
import { hasChromium } from "./support/chromium.ts";
import { must } from "./support/fill.ts";
import { useHouse, type Visit } from "./support/house.ts";

const LIMIT_MS = 120_000;

interface Content {
  type: string;
  media: { id: string };
}

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

  /** A conversation on a simulated channel, open in a browser. */
  async function thread(
    kind: "whatsapp" | "messenger" | "sms",
    person: string,
    options: Visit = {},
  ) {
    const { server } = house;
    const channel = await must(server, "POST", "/simulator/channels", { kind });
    opened += 1;
    await must(server, "POST", `/simulator/channels/${channel.id}/acts`, {
      customer: { id: `15550100${opened}`, name: person },
      text: "Have you got a picture?",
    });
    // Who is new on Messenger is asked for first.
    let id = "";
    await until("the conversation is there", async () => {
      const { data } = await must(server, "GET", `/conversations?channel_id=${channel.id}`);
      id = data[0]?.id ?? "";
      return id !== "";
    });
    const visitor = await house.visit(options);
    await visitor.page.goto(`/inbox/${id}`);
    await visitor.page.getByRole("textbox", { name: /^Reply on/ }).waitFor();
    const said = async () =>
      (await must(server, "GET", `/conversations/${id}/messages`)).data.map(
        ({ content }: { content: Content }) => content,
      );
    return { ...visitor, id, said };
  }
  let opened = 200;

  test(
    "sends a picture that is picked, with the words as its caption, and the thread shows it",
    async () => {
      const { page, complaints, said } = await thread("whatsapp", "Ilse Brandt");
      await choose(page, { name: "Kelim.png", mimeType: "image/png", buffer: PNG });
      const list = page.getByRole("list", { name: "Files to send" });
      await list.getByText("70 bytes, goes as a picture").waitFor();
      await list.getByRole("img", { name: "Preview of Kelim.png" }).waitFor();
      await page.getByText(/WhatsApp takes pictures \(JPEG, PNG\) up to 5 MB/).waitFor();
      await page.getByRole("textbox", { name: "Reply on WhatsApp" }).fill("This one");
      await page.getByText("Your words go as the caption").waitFor();
      await page.keyboard.press("Control+Enter");

      const shown = page.getByRole("log").getByRole("img", { name: "This one" });
      await shown.waitFor();
      const width = shown.evaluate(async (element) => {
        if (!(element instanceof HTMLImageElement)) return 0;
        await element.decode();
        return element.naturalWidth;
      });
      expect(await width).toBe(1);
      await expect.poll(() => list.count()).toBe(0);
      const [newest] = await said();
      expect(newest).toMatchObject({
        type: "image",
        media: { state: "stored", filename: "Kelim.png", caption: "This one" },
      });
      expect(complaints).toEqual([]);
    },
    LIMIT_MS,
  );

  test(
    "knows what a channel takes before it says how a file goes, however soon that was picked",
    async () => {
      const { page, complaints } = await thread("whatsapp", "Ilse Brandt");
      let answer = (): void => {};
      const asked = new Promise<void>((resolve) => (answer = resolve));
      await page.route("**/file-limits", async (route) => {
        await asked;
        await route.continue();
      });
      await page.reload();
      await page.getByRole("textbox", { name: "Reply on WhatsApp" }).fill("This one");
      const brought = page.waitForResponse((response) => response.url().includes("/v1/media?"));
      await choose(page, { name: "Kelim.png", mimeType: "image/png", buffer: PNG });
      await brought;
      answer();
      await page.getByText("Your words go as the caption").waitFor();
      await page
        .getByRole("list", { name: "Files to send" })
        .getByText("goes as a picture")
        .waitFor();
      expect(complaints).toEqual([]);
    },
    LIMIT_MS,
  );

  test(
    "says before anything is sent what a channel does not take, and takes a file away again",
    async () => {
      const { page, said } = await thread("whatsapp", "Ilse Brandt");
      const givenUp: number[] = [];
      page.on("response", (response) => {
        if (response.request().method() === "DELETE") givenUp.push(response.status());
      });
      await choose(page, { name: "scan.bmp", mimeType: "image/bmp", buffer: Buffer.from("BM") });
      await page.getByRole("alert").filter({ hasText: "WhatsApp takes no BMP files." }).waitFor();
      const send = page.getByRole("button", { name: "Send", exact: true });
      expect(await send.getAttribute("aria-disabled")).toBe("true");
      await page.getByText("A file cannot be sent: take it away, or try it again").waitFor();
      // The browser believes the name; the server looks into the file.
      await choose(page, { name: "offer.pdf", mimeType: "application/pdf", buffer: PNG });
      await page.getByText("70 bytes, goes as a picture").waitFor();
      await choose(page, {
        name: "odd.png",
        mimeType: "image/png",
        buffer: Buffer.from([0, 1, 2, 0]),
      });
      await page
        .getByRole("alert")
        .filter({ hasText: "takes no files of an unknown type" })
        .waitFor();
      for (const name of ["scan.bmp", "odd.png", "offer.pdf"]) {
        await page.getByRole("button", { name: `Take ${name} away` }).click();
      }
      await page.getByRole("list", { name: "Files to send" }).waitFor({ state: "detached" });
      // The one that the browser knew was never brought.
      await expect.poll(() => givenUp).toEqual([204, 204]);
      expect(await said()).toHaveLength(1);
    },
    LIMIT_MS,
  );

  test(
    "tells of a file that did not come through, and brings it when it is tried again",
    async () => {
      const { page, said } = await thread("whatsapp", "Ilse Brandt");
      await page.route("**/v1/media?*", (route) => route.abort());
      await choose(page, { name: "Kelim.png", mimeType: "image/png", buffer: PNG });
      await page.getByRole("alert").filter({ hasText: "The server does not answer" }).waitFor();
      await page.unroute("**/v1/media?*");
      await page.getByRole("button", { name: "Try Kelim.png again" }).click();
      await page.getByText("70 bytes, goes as a picture").waitFor();
      await page.getByRole("button", { name: "Send", exact: true }).click();
      await page.getByRole("log").getByRole("img", { name: "Kelim.png" }).waitFor();
      expect((await said())[0]).toMatchObject({ type: "image" });
    },
    LIMIT_MS,
  );

  test(
    "sends a file again that the provider refused, and shows one that is elsewhere as a link",
    async () => {
      const { page, id, said } = await thread("whatsapp", "Ilse Brandt");
      await choose(page, { name: "Kelim.png", mimeType: "image/png", buffer: PNG });
      await page.getByText("70 bytes, goes as a picture").waitFor();
      await page.getByRole("button", { name: "Send", exact: true }).click();
      const pictures = page.getByRole("log").getByRole("img", { name: "Kelim.png" });
      await pictures.waitFor();
      const error = JSON.stringify({ code: "media_invalid", message: "It could not be fetched." });
      await house.query(
        `update message set status = 'failed', error = '${error}' where direction = 'outbound'`,
      );
      await page.reload();
      await page.getByText("It could not be fetched.").waitFor();
      await page.getByRole("button", { name: "Send again" }).click();
      await expect.poll(() => pictures.count()).toBe(2);
      const [again, first] = await said();
      expect(again.media.id).toBe(first.media.id);

      const elsewhere = { type: "document", url: "https://files.example/a/b.pdf" };
      await must(house.server, "POST", "/send", { conversation_id: id, media: elsewhere });
      const link = page.getByRole("log").getByRole("link", { name: /files\.example/ });
      expect(await link.getAttribute("href")).toBe("https://files.example/a/b.pdf");
    },
    LIMIT_MS,
  );

  test(
    "takes files that are pasted and dropped, and waits for them in another thread's absence",
    async () => {
      const { page, id } = await thread("whatsapp", "Ilse Brandt");
      await give(page, "paste", "pasted.png");
      await give(page, "drop", "dropped.png");
      const list = page.getByRole("list", { name: "Files to send" });
      await expect.poll(() => list.getByText("goes as a picture").count()).toBe(2);
      await page.getByRole("link", { name: "Inbox" }).first().click();
      await list.waitFor({ state: "detached" });
      await page
        .getByRole("row", { name: /^Ilse Brandt/ })
        .first()
        .click();
      expect(page.url()).toContain(id);
      await expect.poll(() => list.getByText("goes as a picture").count()).toBe(2);
    },
    LIMIT_MS,
  );

  test(
    "keeps a reply that did not leave until it has left, whatever becomes of the page around it",
    async () => {
      const { page, id, said } = await thread("whatsapp", "Ilse Brandt");
      let asked = 0;
      await page.route("**/v1/send", (route) => route.abort());
      await page.route(`**/v1/conversations/${id}`, (route) => {
        asked += 1;
        return route.abort();
      });
      await page.getByRole("textbox", { name: "Reply on WhatsApp" }).fill("On our way");
      await page.keyboard.press("Control+Enter");
      const reply = page.getByRole("log").getByRole("listitem").filter({ hasText: "On our way" });
      await reply.getByRole("alert").filter({ hasText: "The server does not answer" }).waitFor();
      // It is asked for three times, and then known that it cannot be had.
      await expect.poll(() => asked, { timeout: 15_000 }).toBe(3);
      await page.evaluate(() => new Promise((done) => requestAnimationFrame(done)));
      expect(await reply.count()).toBe(1);

      await page.getByRole("link", { name: "Inbox" }).first().click();
      await reply.waitFor({ state: "detached" });
      await page.goBack();
      await reply.getByText("Not sent").waitFor();
      await page.unrouteAll();
      await reply.getByRole("button", { name: "Try again" }).click();
      await reply.getByText("Read").waitFor();
      expect(await reply.count()).toBe(1);
      expect(await said()).toHaveLength(2);
    },
    LIMIT_MS,
  );

  test(
    "does not offer to write to who has asked for no more messages, nor on a channel that is gone",
    async () => {
      const { page, id } = await thread("sms", "Bo Ek");
      const channel = (await must(house.server, "GET", `/conversations/${id}`)).channel;
      await must(house.server, "POST", `/simulator/channels/${channel.id}/acts`, {
        customer: { id: `15550100${opened}`, name: "Bo Ek" },
        text: "STOP",
      });
      const box = page.getByRole("textbox", { name: "Reply on SMS" });
      await expect.poll(() => box.isDisabled()).toBe(true);
      await page.getByText("The customer asked for no more messages here.").waitFor();
      expect(await page.getByText("Free text is allowed").count()).toBe(0);
      expect(await page.getByText("free text is always allowed").count()).toBe(0);

      await must(house.server, "DELETE", `/channels/${channel.id}`);
      await page.reload();
      await page.getByText("The channel was deleted. What was said").waitFor();
      expect(await box.isDisabled()).toBe(true);
    },
    LIMIT_MS,
  );

  test(
    "words run in the direction of their own language, and a list shows how they begin",
    async () => {
      const { page } = await thread("whatsapp", "مريم العلي");
      const box = page.getByRole("textbox", { name: "Reply on WhatsApp" });
      await box.fill("نعم، لدينا صورة.");
      await page.keyboard.press("Control+Enter");
      const directionOf = (place: Locator) =>
        place.evaluate((it) => getComputedStyle(it).direction);
      const reply = page.getByRole("log").getByText("نعم، لدينا صورة.");
      await reply.waitFor();
      await expect.poll(() => directionOf(reply)).toBe("rtl");
      expect(await directionOf(page.getByRole("row").getByText("مريم العلي"))).toBe("rtl");
      expect(await directionOf(box)).toBe("ltr");
      await box.fill("سؤال");
      expect(await directionOf(box)).toBe("rtl");
    },
    LIMIT_MS,
  );

  test(
    "says so when a reply is refused after its thread was left, and leads back to it",
    async () => {
      const { page } = await thread("whatsapp", "Ilse Brandt");
      let refuse = () => {};
      const isLeft = new Promise<void>((resolve) => {
        refuse = resolve;
      });
      await page.route("**/v1/send", async (route) => {
        await isLeft;
        const problem = { status: 422, code: "opted_out", detail: "They asked for no messages." };
        await route.fulfill({ status: 422, json: problem });
      });
      await page.getByRole("textbox", { name: "Reply on WhatsApp" }).fill("On our way");
      await page.keyboard.press("Control+Enter");
      await page.getByRole("link", { name: "Inbox" }).first().click();
      await page.getByRole("heading", { name: "Choose a conversation" }).waitFor();
      refuse();
      const toasts = page.getByRole("region", { name: "What has happened" });
      await toasts.getByText("The message was not sent").waitFor();
      await toasts.getByText("Show it").click();
      const reply = page.getByRole("log").getByRole("listitem").filter({ hasText: "On our way" });
      await reply.getByText("They asked for no messages.").waitFor();
      await reply.getByRole("button", { name: "Edit and send again" }).click();
      const box = page.getByRole("textbox", { name: "Reply on WhatsApp" });
      expect(await box.inputValue()).toBe("On our way");
    },
    LIMIT_MS,
  );

  test(
    "sends words after the file where a channel shows no captions, by keys alone and on a phone",
    async () => {
      const { page, said } = await thread("messenger", "Hana Kovář", {
        viewport: { width: 390, height: 844 },
        hasTouch: true,
      });
      await page.getByRole("textbox", { name: "Reply on Messenger" }).fill("This one");
      const asked = page.waitForEvent("filechooser");
      await page.keyboard.press("Tab");
      expect(await page.locator(":focus").getAttribute("aria-label")).toBe("Attach files…");
      await page.keyboard.press("Enter");
      const chooser = await asked;
      await chooser.setFiles({ name: "Kelim.png", mimeType: "image/png", buffer: PNG });
      await page.getByText("Messenger shows no captions").waitFor();
      await page.getByRole("textbox", { name: "Reply on Messenger" }).press("Control+Enter");
      await page.getByRole("log").getByRole("img", { name: "Kelim.png" }).waitFor();
      await expect.poll(async () => (await said()).length).toBe(3);
      expect((await said()).map(({ type }: { type: string }) => type)).toEqual([
        ...["text", "image", "text"],
      ]);
    },
    LIMIT_MS,
  );
});

const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);

async function choose(
  page: Page,
  file: { name: string; mimeType: string; buffer: Buffer },
): Promise<void> {
  const [chooser] = await Promise.all([
    page.waitForEvent("filechooser"),
    page.getByRole("button", { name: "Attach files…" }).click(),
  ]);
  await chooser.setFiles(file);
}

/** What the browser does when somebody pastes a picture into the box, or drops one on the page. */
async function give(page: Page, how: "paste" | "drop", name: string): Promise<void> {
  await page.getByRole("textbox", { name: /^Reply on/ }).evaluate(
    (box, o) => {
      const bytes = Uint8Array.from(atob(o.base64), (letter) => letter.charCodeAt(0));
      const data = new DataTransfer();
      data.items.add(new File([bytes], o.name, { type: "image/png" }));
      const bubbles = { bubbles: true, cancelable: true };
      if (o.how === "paste") {
        box.dispatchEvent(new ClipboardEvent("paste", { ...bubbles, clipboardData: data }));
        return;
      }
      const over = new DragEvent("dragover", { ...bubbles, dataTransfer: data });
      document.body.dispatchEvent(over);
      if (!over.defaultPrevented) throw new Error("the browser would open the file");
      document.body.dispatchEvent(new DragEvent("drop", { ...bubbles, dataTransfer: data }));
    },
    { how, name, base64: PNG.toString("base64") },
  );
}
