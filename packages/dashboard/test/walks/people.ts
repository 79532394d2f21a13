import { must } from "../support/fill.ts";
import { inviteAs } from "../support/people.ts";
import type { Walk } from "../support/walk.ts";

let keyId = "";
let memberId = "";
let invitationId = "";

/** Keys, members, the audit log, usage, settings and the server's health. */
export const peopleWalk: Walk = {
  async fill(house) {
    const { server } = house;
    const make = (name: string, scopes: string[], expires_at?: string) =>
      must(server, "POST", "/api-keys", { name, scopes, ...(expires_at ? { expires_at } : {}) });
    await make("Order service, production", ["*"]);
    const shop = await make("Web shop", ["messages:read", "messages:send", "conversations:read"]);
    keyId = shop.id;
    await server.call("GET", "/channels", undefined, { key: shop.key });
    await must(server, "POST", `/api-keys/${shop.id}/rotate`, { overlap_s: 86_400 });
    const old = await make("Reporting, old", ["deliveries:read", "events:read"]);
    await must(server, "DELETE", `/api-keys/${old.id}`);
    const people = [
      ["developer", "Jonas Weber"],
      ["agent", "Priya Raman"],
      ["read_only", "Tomás Oliveira"],
    ] as const;
    for (const [role, name] of people) await inviteAs(house, role, name);
    const { data } = await must(server, "GET", "/members");
    memberId = data.find(({ role }: { role: string }) => role === "developer").id;
    const invitation = { email: "lucia@tidewater.example", role: "agent" };
    invitationId = (await must(server, "POST", "/invitations", invitation)).id;
  },
  views: () => [
    { name: "api-keys", path: "/api-keys", onPhone: true },
    { name: "api-keys-open", path: `/api-keys?open=${keyId}`, onPhone: true },
    {
      name: "api-keys-new",
      path: "/api-keys?new=key",
      onPhone: true,
      async prepare(page) {
        await page.getByRole("dialog").waitFor();
        await page.getByLabel("Name", { exact: true }).fill("Order service, production");
      },
    },
    {
      name: "api-keys-revoke",
      path: `/api-keys?open=${keyId}`,
      async prepare(page) {
        await page.getByRole("button", { name: "Revoke…" }).click();
        await page.getByRole("dialog").waitFor();
      },
    },
    { name: "members", path: "/members", onPhone: true },
    { name: "members-open", path: `/members?open=${memberId}`, onPhone: true },
    { name: "members-invited", path: `/members?open=${invitationId}` },
    {
      name: "members-new",
      path: "/members?new=invitation",
      onPhone: true,
      async prepare(page) {
        await page.getByRole("dialog").waitFor();
      },
    },
    {
      name: "members-link",
      path: "/members?new=invitation",
      async prepare(page) {
        const email = `nora.${Date.now()}@tidewater.example`;
        await page.getByRole("dialog").getByLabel("E-mail address").fill(email);
        await page.getByRole("button", { name: "Make the link" }).click();
        await page.locator("[data-secret]").waitFor();
      },
    },
    { name: "audit-log", path: "/audit-log", onPhone: true },
    {
      name: "audit-log-open",
      path: "/audit-log",
      async prepare(page) {
        await page.locator("tbody tr").first().click();
        await page.getByRole("complementary", { name: "Change" }).waitFor();
      },
    },
    { name: "audit-log-none", path: `/audit-log?actor=${memberId}` },
    { name: "usage", path: "/usage", onPhone: true },
    {
      name: "usage-plan",
      path: "/usage",
      onPhone: true,
      async prepare(page) {
        await page.getByRole("button", { name: "Change the plan…" }).click();
        await page.getByLabel("Trial ends").waitFor();
      },
    },
    { name: "settings", path: "/settings", onPhone: true },
    {
      name: "settings-conflict",
      path: "/settings",
      async prepare(page) {
        await page.getByRole("switch", { name: "Inbound Body Purge" }).click();
        await page.getByRole("alert").getByRole("listitem").first().waitFor();
      },
    },
    { name: "settings-account", path: "/settings?part=account", onPhone: true },
    { name: "health", path: "/health", onPhone: true },
  ],
};
