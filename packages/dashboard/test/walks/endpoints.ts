import { must, openReceiver } from "../support/fill.ts";
import type { Walk } from "../support/walk.ts";

let crm = "";
let failing = "";

export const endpointsWalk: Walk = {
  async fill({ server, onEnd }) {
    const receiver = await openReceiver((path) => (path === "/hubspot" ? 503 : 200));
    onEnd(() => receiver.close());
    const made = [
      ["Production CRM", "curlew", "/crm"],
      ["HubSpot bridge", "curlew", "/hubspot"],
      ["Lead scoring", "chatmefy", "/leads"],
      ["Outreach sync", "genesy", "/outreach"],
    ] as const;
    const ids: string[] = [];
    for (const [name, dialect, path] of made) {
      const url = `${receiver.url}${path}`;
      ids.push((await must(server, "POST", "/endpoints", { name, dialect, url })).id);
    }
    [crm = "", failing = ""] = ids;
    const events = Array.from({ length: 12 }, (_, n) => ({
      type: "order.shipped",
      data: { order: `A-${n}` },
    }));
    await must(server, "POST", "/events", events);
    await must(server, "POST", `/endpoints/${crm}/rotate-secret`, { step: "stage" });
  },
  views: () => [
    { name: "endpoints", path: "/endpoints", onPhone: true },
    { name: "endpoints-none", path: "/endpoints?state=paused" },
    {
      name: "endpoints-filter",
      path: "/endpoints?state=enabled",
      async prepare(page) {
        await page.getByRole("button", { name: /Change$/ }).click();
        await page.getByRole("dialog").waitFor();
      },
    },
    { name: "endpoint", path: `/endpoints/${crm}`, onPhone: true },
    { name: "endpoint-hour", path: `/endpoints/${crm}?range=1h`, onPhone: true },
    { name: "endpoint-failing", path: `/endpoints/${failing}` },
    { name: "endpoint-secrets", path: `/endpoints/${crm}?tab=secrets`, onPhone: true },
    {
      name: "endpoint-hold-key",
      path: `/endpoints/${crm}?tab=secrets`,
      onPhone: true,
      async prepare(page) {
        await page.getByRole("button", { name: "Give a public key…" }).click();
        await page.getByLabel("Public key, as JWK").fill('{"kty":"EC","d":"…"}');
        await page.getByText("It holds the private half (d)").waitFor();
      },
    },
    {
      name: "endpoint-hold-made",
      path: `/endpoints/${crm}?tab=secrets`,
      async prepare(page) {
        await page.getByRole("button", { name: "Make a pair here" }).click();
        await page.locator("[data-secret]").waitFor();
      },
    },
    { name: "endpoint-settings", path: `/endpoints/${crm}?tab=settings`, onPhone: true },
    {
      name: "endpoint-test",
      path: `/endpoints/${crm}`,
      async prepare(page) {
        await page.keyboard.press("t");
        await page.getByRole("dialog").getByRole("button", { name: "Send test" }).click();
        await page.getByText("Your server answered 200").waitFor();
      },
    },
    {
      name: "endpoint-replay",
      path: `/endpoints/${crm}`,
      async prepare(page) {
        await page.keyboard.press("Shift+R");
        await page
          .getByRole("dialog")
          .getByText(/deliveries$/)
          .waitFor();
      },
    },
    {
      name: "endpoint-doctor",
      path: `/endpoints/${crm}`,
      async prepare(page) {
        await page.getByRole("button", { name: "Run", exact: true }).click();
        await page.getByText("Refuses a forged signature").waitFor();
      },
    },
    {
      name: "new-endpoint",
      path: "/endpoints/new",
      onPhone: true,
      async prepare(page) {
        await page.getByLabel("Name", { exact: true }).fill("Lead scoring, Kestrel");
        await page.getByLabel("URL", { exact: true }).fill("http://127.0.0.1:9/webhooks");
        await page.getByRole("radio", { name: /chatmefy/ }).check();
        await page.getByText("This address may be reached.").waitFor();
      },
    },
    {
      name: "new-endpoint-events",
      path: "/endpoints/new",
      async prepare(page) {
        await page.getByRole("checkbox", { name: /Every event/ }).click();
        await page.getByRole("button", { name: "As an API call" }).click();
      },
    },
  ],
};
