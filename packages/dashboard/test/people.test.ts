import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { totpOf } from "../../server/test/support/api/totp.ts";
import { findings } from "./support/axe.ts";
import { hasChromium } from "./support/chromium.ts";
import { must } from "./support/fill.ts";
import { OWNER, useHouse, type Visitor } from "./support/house.ts";
import { inviteAs, PASSWORD, type Role, visitAs } from "./support/people.ts";

const LIMIT_MS = 180_000;
const MINE = ["API keys", "Members", "Audit log", "Usage", "Settings"];

/** Opens an address and waits until all of it is there, be it behind a dialog. */
async function open(page: Page, path: string): Promise<void> {
  await page.goto(path);
  await settled(page);
}

async function settled(page: Page): Promise<void> {
  await page.waitForFunction(() => document.querySelector("#page[aria-busy=false]") !== null);
}

/** Signs in at the door, or in the dialog over a page. */
async function signIn(page: Page, email: string, password: string): Promise<void> {
  await page.getByLabel("E-mail address").fill(email);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
}

/** Takes what is shown once. */
async function takeSecret(page: Page): Promise<string> {
  const secret = await page.locator("[data-secret]").innerText();
  await page.getByRole("checkbox", { name: /^I have/ }).click();
  await page.getByRole("button", { name: "Done" }).click();
  await page.locator("[data-secret]").waitFor({ state: "detached" });
  return secret;
}

describe.skipIf(!hasChromium)("a workspace that is deleted", () => {
  const house = useHouse();

  test.each([
    ["the one that was chosen", true],
    ["the only one that there was", false],
  ])(
    "while it is open says so, and leads to those that are left (%s)",
    async (_, isChosen) => {
      const { server } = house;
      await house.makeOwner();
      const join = async (workspace: string) => {
        const headers = { "curlew-workspace": workspace };
        const wish = { email, role: "owner" };
        return (await server.call("POST", "/invitations", wish, { headers })).body.token;
      };
      const email = `${isChosen ? "kai" : "ida"}@tidewater.example`;
      const closing = await must(server, "POST", "/workspaces", { name: "Closing" });
      const other = await must(server, "POST", "/workspaces", { name: "Staying" });
      const { page, complaints } = await house.visit({ signedIn: false });
      await page.goto(`/accept-invitation?token=${await join(closing.id)}`);
      await page.getByLabel("Name").fill("Kai Lepp");
      await page.getByLabel("Password").fill(PASSWORD);
      await page.getByRole("button", { name: "Accept" }).click();
      await page.getByRole("navigation", { name: "Pages" }).waitFor();
      if (isChosen) {
        await page.goto(`/accept-invitation?token=${await join(other.id)}`);
        await page.getByRole("button", { name: "Accept" }).click();
        await page.getByRole("button", { name: "Workspace Staying. Switch" }).click();
        await page.getByRole("menuitem", { name: "Closing" }).click();
        await page.getByRole("button", { name: "Workspace Closing. Switch" }).waitFor();
      }
      await open(page, "/endpoints");

      await must(server, "DELETE", `/workspaces/${closing.id}`);
      await page.getByRole("link", { name: "Deliveries" }).click();
      await page.getByRole("heading", { name: "Closing is gone" }).waitFor();
      expect(await findings(page)).toEqual([]);
      if (isChosen) {
        await page.getByRole("button", { name: "Open Staying" }).click();
        await page.getByRole("heading", { name: "Overview" }).waitFor();
        const kept = await page.evaluate(() => sessionStorage.getItem("curlew.workspace"));
        expect(kept).toBe(other.id);
      } else {
        await page.getByText("You are in no other workspace").waitFor();
        await page.getByRole("button", { name: "Sign out" }).click();
        await page.getByRole("heading", { name: "Sign in" }).waitFor();
      }
      expect(complaints).toEqual([]);
    },
    LIMIT_MS,
  );
});

// On a server of its own: ten may try to sign in in a minute from one address.
describe.skipIf(!hasChromium)("an invitation", () => {
  const house = useHouse();

  test(
    "whoever has an account joins another workspace with it, and is told what may be in another of theirs",
    async () => {
      const { server } = house;
      await house.makeOwner();
      const person = await inviteAs(house, "agent", "Ilo Saar");
      const catcher = await must(server, "POST", "/catchers", { name: "CRM" });
      const endpoint = await must(server, "POST", "/endpoints", { name: "CRM", url: catcher.url });
      for (const signedIn of [true, false]) {
        const name = signedIn ? "Second" : "Third";
        const { id } = await must(server, "POST", "/workspaces", { name });
        const headers = { "curlew-workspace": id };
        const wish = { email: person.email, role: "developer" };
        const { token } = (await server.call("POST", "/invitations", wish, { headers })).body;
        const { page, complaints } = signedIn
          ? await visitAs(house, person)
          : await house.visit({ signedIn });
        await page.goto(`/accept-invitation?token=${token}`);
        if (!signedIn) {
          await page.getByRole("button", { name: "Sign in with it" }).click();
          await signIn(page, person.email, PASSWORD);
        }
        await page.getByText(`You join it as ${person.email}`).waitFor();
        expect(await findings(page)).toEqual([]);
        await page.getByRole("button", { name: "Accept" }).click();
        await page.getByRole("button", { name: `Workspace ${name}. Switch` }).waitFor();
        await page.goto(`/endpoints/${endpoint.id}`);
        await page.getByText(`You are in the workspace ${name}: it may be in another`).waitFor();
        expect(complaints).toEqual([]);
      }
    },
    LIMIT_MS,
  );
});

describe.skipIf(!hasChromium)("people and keys", () => {
  const house = useHouse();

  describe("a role", () => {
    const cases: readonly { role: Role; sees: string[]; makesKeys: boolean | null }[] = [
      { role: "owner", sees: MINE, makesKeys: true },
      { role: "developer", sees: ["API keys", "Members", "Usage", "Settings"], makesKeys: true },
      { role: "agent", sees: ["Members", "Usage", "Settings"], makesKeys: null },
      { role: "read_only", sees: ["API keys", "Members", "Usage", "Settings"], makesKeys: false },
    ];

    test.each(cases)(
      "$role sees its own pages, and is told why it may not do the rest",
      async ({ role, sees, makesKeys }) => {
        await house.makeOwner();
        const isOwner = role === "owner";
        const visitor = isOwner
          ? await house.visit()
          : await visitAs(house, await inviteAs(house, role, `Some ${role}`));
        const { page, complaints } = visitor;
        await open(page, "/usage");
        const links = await page
          .getByRole("navigation", { name: "Pages" })
          .getByRole("link")
          .allInnerTexts();
        expect(MINE.filter((title) => links.includes(title))).toEqual(sees);
        const plan = page.getByRole("button", { name: "Change the plan…" });
        expect(await plan.getAttribute("aria-description")).toBe(
          isOwner ? null : "Only the operator of this server gives plans, add-ons and trials.",
        );

        await open(page, "/api-keys");
        const make = page.getByRole("button", { name: "New key…" }).first();
        if (makesKeys === null) {
          await page.getByText("your role does not see this page").waitFor();
        } else {
          expect(await make.getAttribute("aria-disabled")).toBe(makesKeys ? null : "true");
          if (!makesKeys) {
            expect(await make.getAttribute("aria-description")).toBe(
              "Only owners and developers can do this. You are read-only.",
            );
            await page.keyboard.press("n");
            expect(page.url()).not.toContain("new=");
          }
        }

        await open(page, "/members");
        const invite = page.getByRole("button", { name: "Invite…" });
        expect(await invite.getAttribute("aria-disabled")).toBe(isOwner ? null : "true");
        if (!isOwner) {
          expect(await invite.getAttribute("aria-description")).toMatch(/^Only owners can do this/);
        }

        await open(page, "/audit-log");
        if (isOwner) await page.getByRole("heading", { name: "Audit log" }).waitFor();
        else await page.getByText("Audit log: your role does not see this page").waitFor();

        await open(page, "/settings");
        const ai = page.getByRole("switch", { name: "AI answers" });
        expect(await ai.isDisabled()).toBe(!isOwner);
        await open(page, "/health");
        if (isOwner) await page.getByRole("table", { name: "Every entry" }).waitFor();
        else await page.getByText("The operator sees this").waitFor();
        expect(await findings(page)).toEqual([]);
        expect(complaints).toEqual([]);

        const asked = await page.request.post("/v1/invitations", {
          headers: { origin: house.server.url },
          data: { email: `by-${role}@tidewater.example`, role: "agent" },
        });
        expect(asked.status()).toBe(isOwner ? 201 : 403);
      },
      LIMIT_MS,
    );
  });

  test(
    "a plan, add-ons and a trial are given by the operator, and by nobody else",
    async () => {
      const { server } = house;
      await must(server, "PUT", "/plans/starter", {
        ...{ title: "Starter", endpoints: 3, features: ["webhooks", "send"] },
      });
      const { page, complaints } = await house.visit();
      await open(page, "/usage");
      await page.getByRole("button", { name: "Change the plan…" }).click();
      const dialog = page.getByRole("dialog");
      await dialog.getByLabel("Plan", { exact: true }).selectOption({ label: "Starter" });
      await dialog.getByRole("checkbox", { name: "SMS" }).click();
      await dialog.getByLabel("Trial ends").fill("2030-01-31T12:00");
      expect(await findings(page)).toEqual([]);
      await page.keyboard.press("Control+Enter");
      await page.getByText(/^The plan of .* is changed$/).waitFor();
      await page.getByText("and SMS").waitFor();
      await page.getByRole("definition").getByText("Starter", { exact: true }).waitFor();
      const phone = await house.visit({ viewport: { width: 390, height: 844 }, hasTouch: true });
      await open(phone.page, "/usage");
      await phone.page.getByText("Endpoints: 3 · SMS a month: no limit").waitFor();
      expect(await sideways(phone.page)).toEqual([]);
      const me = await must(server, "GET", "/me");
      const path = `/workspaces/${me.workspace.id}`;
      expect(await must(server, "GET", path)).toMatchObject({
        ...{ plan: "starter", add_ons: ["sms"] },
        trial_ends_at: new Date("2030-01-31T12:00").toISOString(),
      });

      await page.getByRole("button", { name: "Change the plan…" }).click();
      await dialog.getByLabel("Trial ends").fill("2020-01-31T12:00");
      await dialog.getByRole("button", { name: "Change it" }).click();
      await page.getByText("The trial is over: endpoints are paused").waitFor();
      await must(server, "PATCH", path, { plan: "unlimited", trial_ends_at: null });

      const other = await visitAs(house, await inviteAs(house, "developer", "Some Builder"));
      const asked = await other.page.request.patch(`/v1${path}`, {
        headers: { origin: server.url },
        data: { plan: "starter" },
      });
      expect(asked.status()).toBe(403);
      expect(complaints).toEqual([]);
    },
    LIMIT_MS,
  );

  test(
    "a key is shown once and works, its successor beside it, and neither after it was revoked",
    async () => {
      const { page, complaints } = await house.visit();
      const works = async (key: string) =>
        (await house.server.call("GET", "/endpoints", undefined, { key })).status;
      await open(page, "/api-keys");
      await page.keyboard.press("n");
      const dialog = page.getByRole("dialog");
      await dialog.getByLabel("Name", { exact: true }).fill("Order service");
      await dialog.getByRole("button", { name: "Read only" }).click();
      await page.keyboard.press("Control+Enter");
      const first = await takeSecret(page);
      expect(await works(first)).toBe(200);
      const refused = await house.server.call("POST", "/accounts", { name: "x" }, { key: first });
      expect(refused.status).toBe(403);

      await page.getByRole("row", { name: "Order service, Live" }).click();
      await page.getByRole("complementary", { name: "API key" }).waitFor();
      expect(page.url()).toContain("open=key_");
      await page.keyboard.press("r");
      await page.getByRole("button", { name: "Rotate it" }).click();
      const second = await takeSecret(page);
      expect([await works(first), await works(second)]).toEqual([200, 200]);
      await page.getByRole("row", { name: "Order service, Being replaced" }).waitFor();
      expect(await page.content()).not.toContain(second);

      await page.getByRole("row", { name: "Order service, Being replaced" }).click();
      await page.getByRole("button", { name: "Rotate…" }).waitFor();
      await page.getByText("Replaced by").waitFor();
      await page.getByRole("button", { name: "Revoke…" }).click();
      await page.getByRole("button", { name: "Revoke it" }).click();
      await page.getByRole("row", { name: "Order service, Revoked" }).waitFor();
      expect([await works(first), await works(second)]).toEqual([401, 200]);
      expect(complaints).toEqual([]);
    },
    LIMIT_MS,
  );

  test(
    "an invitation's link lets one person in, whose role the owner changes and ends",
    async () => {
      const { page, complaints } = await house.visit();
      await open(page, "/members?new=invitation");
      const dialog = page.getByRole("dialog");
      await dialog.getByLabel("E-mail address").fill("nora@tidewater.example");
      await dialog.getByRole("radio", { name: /^Read-only/ }).click();
      await dialog.getByRole("button", { name: "Make the link" }).click();
      const link = await takeSecret(page);
      await page.getByRole("row", { name: "nora@tidewater.example, Read-only" }).waitFor();

      const nora = await house.visit({ signedIn: false });
      await nora.page.goto(link);
      await nora.page.getByLabel("Name").fill("Nora Berg");
      await nora.page.getByLabel("Password").fill(PASSWORD);
      await nora.page.getByRole("button", { name: "Accept" }).click();
      await nora.page.getByRole("navigation", { name: "Pages" }).waitFor();
      const isIn = async () => (await nora.page.request.get("/v1/me")).status();
      const role = async () => (await (await nora.page.request.get("/v1/me")).json()).workspaces[0];
      expect(await role()).toMatchObject({ role: "read_only" });

      await open(page, "/members");
      await page.getByRole("row", { name: "Nora Berg, Read-only" }).click();
      await page.getByRole("radio", { name: /^Agent/ }).click();
      await page.getByRole("button", { name: "Change the role" }).click();
      await page.getByText("Nora Berg is an agent now").waitFor();
      expect(await role()).toMatchObject({ role: "agent" });
      await page.getByRole("button", { name: "Remove…" }).click();
      await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
      await page.getByText("Nora Berg was removed").waitFor();
      expect(await isIn()).toBe(403);

      await page.getByRole("row", { name: /^Mira Kask/ }).click();
      await page.getByRole("radio", { name: /^Agent/ }).click();
      await page.getByRole("button", { name: "Change the role" }).click();
      await page.getByText("The last owner stays").first().waitFor();
      expect(complaints).toEqual([]);
    },
    LIMIT_MS,
  );

  test(
    "a second factor is switched on with a real authenticator, and asked for at the door",
    async () => {
      await house.makeOwner();
      const person = await inviteAs(house, "agent", "Aino Lehtonen");
      const { page, complaints } = await visitAs(house, person);
      await open(page, "/settings?part=account");
      await page.getByRole("button", { name: "Switch it on…" }).click();
      await page.getByLabel("Your password").fill("not the right one");
      await page.keyboard.press("Enter");
      await page.getByRole("alert").getByText("Invalid password").waitFor();
      await page.getByLabel("Your password").fill(PASSWORD);
      await page.keyboard.press("Enter");
      await page.getByRole("img", { name: "QR code of the key" }).waitFor();
      expect(await findings(page)).toEqual([]);
      const uri = await page.locator("code[title^=otpauth]").getAttribute("title");
      const code = () => totpOf(uri ?? "", Date.now());
      await page.getByLabel("Code", { exact: true }).fill(code());
      await page.keyboard.press("Enter");
      await page.getByRole("heading", { name: "Your backup codes" }).waitFor();
      const codes = await page.locator("[data-secret] code").allInnerTexts();
      expect(codes).toHaveLength(10);
      expect(await findings(page)).toEqual([]);
      await takeSecret(page);
      await page.getByText("On. Signing in asks").waitFor();

      const door = await house.visit({ signedIn: false });
      await door.page.goto("/settings");
      await signIn(door.page, person.email, PASSWORD);
      await door.page.getByRole("button", { name: "Use a backup code instead" }).click();
      await door.page.getByLabel("Backup code").fill(codes[0] ?? "");
      await door.page.getByRole("button", { name: "Go on" }).click();
      await door.page.getByRole("heading", { name: "Settings", level: 1 }).waitFor();

      await page.reload();
      const sessions = page.getByRole("list", { name: "Sessions" });
      await sessions.getByRole("listitem").nth(1).waitFor();
      await page.getByRole("button", { name: "End all others" }).click();
      await page.getByText("Other sessions ended").waitFor();
      expect((await door.page.request.get("/v1/me")).status()).toBe(401);
      expect((await page.request.get("/v1/me")).status()).toBe(200);
      expect(complaints).toEqual([]);
    },
    LIMIT_MS,
  );

  describe("a session that has ended", () => {
    /** As when somebody ended it elsewhere: the browser still holds its cookie. */
    const endSession = ({ page }: Visitor) =>
      page.request.post("/auth/sign-out", { headers: { origin: house.server.url }, data: {} });

    test(
      "asks over the page, loses nothing that was typed, and does what was asked for, once",
      async () => {
        const visitor = await house.visit({ signedIn: false });
        const { page, complaints } = visitor;
        await house.makeOwner();
        await page.goto("/api-keys?new=key");
        await signIn(page, OWNER.email, OWNER.password);
        await page.getByLabel("Name", { exact: true }).fill("Typed before");
        await endSession(visitor);
        await page.getByRole("button", { name: "Make the key" }).click();
        await page.getByRole("heading", { name: "You were signed out" }).waitFor();
        expect(await findings(page)).toEqual([]);
        expect(await page.locator("input[name=name]").inputValue()).toBe("Typed before");
        const expired = page.getByRole("dialog", { name: "You were signed out" });
        expect(await expired.getByLabel("E-mail address").inputValue()).toBe(OWNER.email);
        await expired.getByLabel("Password", { exact: true }).fill(OWNER.password);
        await page.keyboard.press("Enter");
        const key = await takeSecret(page);
        expect((await house.server.call("GET", "/me", undefined, { key })).status).toBe(200);
        const { body } = await house.server.call("GET", "/api-keys");
        const made = body.data.filter(({ name }: { name: string }) => name === "Typed before");
        expect(made).toHaveLength(1);
        expect(complaints).toEqual([]);
      },
      LIMIT_MS,
    );
  });
});

/** What of the page can only be read by moving it sideways. */
async function sideways(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll("main *")]
      .filter(({ scrollWidth, clientWidth }) => clientWidth > 0 && scrollWidth > clientWidth + 1)
      .filter((each) => getComputedStyle(each).overflowX === "auto")
      .map((each) => each.outerHTML.slice(0, 120)),
  );
}
