import { must } from "../support/fill.ts";
import type { Walk } from "../support/walk.ts";

const made = { account: "", channel: "" };

export const channelsWalk: Walk = {
  async fill({ server }) {
    const account = await must(server, "POST", "/accounts", {
      name: "Velo Nord",
      external_id: "client-17",
      settings: { ai_enabled: false },
    });
    await must(server, "POST", "/accounts", { name: "Kestrel Outdoor" });
    const channel = await must(server, "POST", "/channels", {
      kind: "messenger",
      name: "Velo Nord Page",
      external_id: "102290129340398",
      account_id: account.id,
    });
    await must(server, "POST", "/simulator/channels", { kind: "sms", name: "Night line" });
    Object.assign(made, { account: account.id, channel: channel.id });
  },
  views: () => [
    { name: "channels", path: "/channels", onPhone: true },
    { name: "channels-filter", path: "/channels?kind=instagram" },
    { name: "connect", path: "/channels/new?kind=instagram", onPhone: true },
    {
      name: "connect-refused",
      path: "/channels/new?kind=sms",
      async prepare(page) {
        await page.getByRole("button", { name: "Connect a channel" }).click();
        await page.getByRole("alert").first().waitFor();
      },
    },
    {
      name: "channel",
      path: `/channels/${made.channel}`,
      onPhone: true,
      async prepare(page) {
        await page.getByRole("button", { name: "Check now" }).click();
        await page.getByText(/missing|Nothing is wrong/).waitFor();
      },
    },
    {
      name: "channel-credentials",
      path: `/channels/${made.channel}`,
      async prepare(page) {
        await page.getByRole("button", { name: "Replace credentials…" }).click();
        await page.getByRole("dialog").waitFor();
      },
    },
    {
      name: "channel-more",
      path: `/channels/${made.channel}`,
      async prepare(page) {
        await page.getByRole("button", { name: "More acts" }).click();
        await page.getByRole("menu").waitFor();
      },
    },
    {
      name: "channel-conflict",
      path: "/channels",
      async prepare(page) {
        await page.getByRole("row", { name: /^Night line/ }).click();
        await page.getByRole("switch", { name: "Inbound Body Purge" }).click();
        await page.getByRole("alert").waitFor();
      },
    },
    { name: "accounts", path: "/accounts", onPhone: true },
    {
      name: "account",
      path: `/accounts?open=${made.account}`,
      async prepare(page) {
        await page.getByText("client-17").last().waitFor();
      },
    },
    {
      name: "account-new",
      path: "/accounts",
      async prepare(page) {
        await page.getByRole("button", { name: "New account" }).click();
        await page.getByRole("dialog").waitFor();
      },
    },
  ],
};
