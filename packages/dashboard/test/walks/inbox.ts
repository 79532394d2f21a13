import { must } from "../support/fill.ts";
import type { House } from "../support/house.ts";
import type { Walk } from "../support/walk.ts";

interface Picked {
  name: string;
  mimeType: string;
  buffer: Buffer;
}
const PDF = Buffer.from(`%PDF-1.7\n${"0".repeat(48_000)}`);
const PICTURE = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAACAAAAAYCAIAAAAUMWhjAAAAkUlEQVR42u3Ntw0CARBFwa1zm8G7BvDem8ODRIC+CAgICAio4dVBFSsRnDT5WF00RFO0RFt0RFf0RF8MxFCMxFhMxFTMxFwsxFKsxFpsRCK2Yif24iCO4iTO4iKuwtIgDdIgDf4hSGoeyg5VD2WXioeyW9lD2b3koexR9FD2LHgoe+U9lL1zHso+WQ9l34yH+gHJ8fD8PhDJIwAAAABJRU5ErkJggg==",
  "base64",
);
const made = { whatsapp: "", sms: "", instagram: "" };

/** Conversations on three channels, as their customers began them on simulated phones. */
async function fill({ server }: House): Promise<void> {
  const post = (path: string, body: unknown) => must(server, "POST", path, body);
  const connect = (kind: string, name: string) => post("/simulator/channels", { kind, name });
  const whatsapp = await connect("whatsapp", "Velo Nord WhatsApp");
  const instagram = await connect("instagram", "Velo Nord Instagram");
  const sms = await connect("sms", "Front desk");
  await must(server, "PATCH", `/channels/${sms.id}`, {
    settings: { external_reply_mode: true, inbound_body_purge: true },
  });
  await post("/endpoints", { name: "Data warehouse", url: "http://127.0.0.1:9/dwh" });
  const writes = (channel: { id: string }, id: string, name: string, act: object) =>
    post(`/simulator/channels/${channel.id}/acts`, { customer: { id, name }, ...act });
  await writes(whatsapp, "15550100142", "Tomás Oliveira", { text: "See you at 17:00" });
  await writes(instagram, "7200000000000077", "Hana Kovář", {
    story_reply: { text: "Is the gravel one still there in 54?" },
  });
  await writes(sms, "+15550100143", "Priya Raman", { text: "My card number is 4111" });
  const aino = ["15550100144", "Aino Lehtonen"] as const;
  await writes(whatsapp, ...aino, {
    ad_click: { text: "Hello, is the workshop open on Sunday?", headline: "Gravel season" },
  });
  const [{ id: ainos }] = (await must(server, "GET", "/conversations?limit=1")).data;
  const sent = await post("/send", {
    conversation_id: ainos,
    text: "Until 16:00. Shall we hold a stand for you?",
  });
  const found = await writes(whatsapp, ...aino, {
    text: "Found a bent spoke. Is it safe to ride?",
  });
  if (sent.provider_message_id !== null)
    await writes(whatsapp, ...aino, {
      reaction: { message_id: sent.provider_message_id, emoji: "❤️" },
    });
  if (typeof found.id === "string")
    await post("/send", {
      conversation_id: ainos,
      reaction: { message_id: found.id, emoji: "👍" },
      actor: "agent",
    });
  await writes(whatsapp, ...aino, { image: { caption: "This one" } });
  made.whatsapp = ainos;
  const all = (await must(server, "GET", "/conversations")).data;
  for (const kind of ["sms", "instagram"] as const) {
    made[kind] = all.find((each: { channel: { kind: string } }) => each.channel.kind === kind).id;
  }
}

export const inboxWalk: Walk = {
  fill,
  views: () => [
    { name: "inbox", path: "/inbox", onPhone: true },
    { name: "inbox-none", path: "/inbox?status=closed" },
    {
      name: "thread",
      path: `/inbox/${made.whatsapp}`,
      onPhone: true,
      async prepare(page) {
        await page.getByRole("textbox", { name: "Reply on WhatsApp" }).waitFor();
        await page.getByText("Found a bent spoke").last().waitFor();
      },
    },
    {
      name: "thread-why",
      path: `/inbox/${made.whatsapp}`,
      async prepare(page) {
        await page
          .getByRole("button", { name: /Where the event of/ })
          .first()
          .click();
        await page.getByText(/of \d+ endpoints/).waitFor();
      },
    },
    { name: "thread-purged", path: `/inbox/${made.sms}` },
    { name: "thread-story", path: `/inbox/${made.instagram}` },
    {
      name: "thread-react",
      path: `/inbox/${made.instagram}`,
      async prepare(page) {
        await page.getByRole("button", { name: /React to/ }).click();
        await page.getByRole("menu").waitFor();
      },
    },
    {
      name: "thread-files",
      path: `/inbox/${made.whatsapp}`,
      onPhone: true,
      async prepare(page) {
        await page.getByRole("textbox", { name: "Reply on WhatsApp" }).fill("These two?");
        const pick = async (files: Picked[]) =>
          page.locator("input[type=file]").setInputFiles(files);
        await pick([
          { name: "gravel-54-side.png", mimeType: "image/png", buffer: PICTURE },
          {
            name: "Offer of 21 November, second version.pdf",
            mimeType: "application/pdf",
            buffer: PDF,
          },
          { name: "scan.bmp", mimeType: "image/bmp", buffer: PICTURE },
        ]);
        await page.getByText("goes as a document").waitFor();
        await page.getByText("goes as a picture").waitFor();
        const json = { code: "unavailable", detail: "The database does not answer." };
        await page.route("**/v1/media?*", (route) => route.fulfill({ status: 503, json }));
        await pick([{ name: "invoice.pdf", mimeType: "application/pdf", buffer: PDF }]);
        await page.getByText("The database does not answer").waitFor();
        await page.unroute("**/v1/media?*");
      },
    },
    {
      name: "thread-template",
      path: `/inbox/${made.whatsapp}`,
      async prepare(page) {
        await page.getByRole("button", { name: /Send a template/ }).click();
        await page.getByRole("dialog").waitFor();
        await page.waitForFunction(() => document.querySelector("[aria-busy=true]") === null);
      },
    },
  ],
};
