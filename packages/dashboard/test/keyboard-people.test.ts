import { describe, expect, test } from "vitest";
import { totpOf } from "../../server/test/support/api/totp.ts";
import { until } from "../../server/test/support/until.ts";
import { hasChromium } from "./support/chromium.ts";
import { must } from "./support/fill.ts";
import { expectFocus, focused, tabTo } from "./support/focus.ts";
import { useHouse } from "./support/house.ts";
import { inviteAs, PASSWORD, visitAs } from "./support/people.ts";

const LIMIT_MS = 180_000;

describe.skipIf(!hasChromium)("who works by keys alone", () => {
  const house = useHouse();

  test(
    "an API key is made, copied and put away, and the focus is back where it began",
    async () => {
      const { page, context, complaints } = await house.visit();
      await context.grantPermissions(["clipboard-read", "clipboard-write"]);
      await page.goto("/api-keys");
      await page.getByRole("button", { name: "New key…" }).first().press("Enter");
      await expectFocus(page, "name");
      await page.keyboard.type("Web shop");
      await page.keyboard.press("Enter");
      await page.getByRole("dialog", { name: "The key of Web shop" }).waitFor();
      await expectFocus(page, "Copy");
      await page.keyboard.press("Enter");
      await expectFocus(page, "Copied");
      const key = await page.evaluate(() => navigator.clipboard.readText());
      const { status } = await house.server.call("GET", "/me", undefined, { key });
      expect(status).toBe(200);
      await page.keyboard.press("Escape");
      await page.keyboard.press("Control+Enter");
      await expectFocus(page, "Done");
      await tabTo(page, "I have stored it", "Shift+Tab");
      await page.keyboard.press("Space");
      await page.keyboard.press("Control+Enter");
      await page.getByRole("dialog").waitFor({ state: "detached" });
      await expectFocus(page, "New key…");
      expect(complaints).toEqual([]);
    },
    LIMIT_MS,
  );

  test(
    "Enter on a choice in a dialog does what the dialog is for",
    async () => {
      const { page, complaints } = await house.visit();
      await page.goto("/members?new=invitation");
      await expectFocus(page, "email");
      await page.keyboard.type("nora@tidewater.example");
      await tabTo(page, "Developer");
      await page.keyboard.press("ArrowDown");
      await page.keyboard.press("Enter");
      await page.getByRole("dialog", { name: "The link for nora@tidewater.example" }).waitFor();
      const invited = await must(house.server, "GET", "/invitations");
      expect(invited.data[0]).toMatchObject({ role: "agent" });
      expect(complaints).toEqual([]);
    },
    LIMIT_MS,
  );

  test(
    "a role is chosen by arrows, and given by its button alone",
    async () => {
      await house.makeOwner();
      const person = await inviteAs(house, "developer", "Jonas Weber");
      const { page, complaints } = await house.visit();
      await page.goto("/members");
      const row = page.getByRole("row", { name: /^Jonas Weber/ });
      await row.press("Enter");
      const drawer = page.getByRole("complementary", { name: "Member" });
      await expectFocus(page, "Jonas Weber");
      const role = async () => {
        const { data } = await must(house.server, "GET", "/members");
        return data.find(({ email }: { email: string }) => email === person.email).role;
      };
      let changes = 0;
      page.on("request", (request) => {
        if (request.method() === "PATCH") changes += 1;
      });
      await drawer.getByRole("radio", { name: /^Developer/ }).focus();
      await page.keyboard.press("ArrowUp");
      await page.keyboard.press("ArrowUp");
      expect(await drawer.getByRole("radio", { name: /^Read-only/ }).isChecked()).toBe(true);
      await tabTo(page, "Change the role");
      await page.keyboard.press("Enter");
      await page.getByText("Jonas Weber is read-only now").waitFor();
      expect(await role()).toBe("read_only");
      expect(changes).toBe(1);
      expect(await focused(page)).toBe("Change the role");
      await page.keyboard.press("Escape");
      await until("the row has the focus", () =>
        row.evaluate((element) => element === document.activeElement),
      );
      expect(complaints).toEqual([]);
    },
    LIMIT_MS,
  );

  test(
    "Enter in a form of the settings saves it, and where that cannot be, leads to why",
    async () => {
      await house.makeOwner();
      const person = await inviteAs(house, "developer", "Aino Lehtonen");
      const own = await visitAs(house, person);
      await own.page.goto("/settings?part=account");
      await own.page.getByLabel("Current password").focus();
      await own.page.keyboard.type(PASSWORD);
      await own.page.keyboard.press("Enter");
      await expectFocus(own.page, "Change the password");
      await own.page.getByLabel("New password").focus();
      await own.page.keyboard.type("a third long sentence");
      await own.page.keyboard.press("Enter");
      await own.page.getByText("Password changed").waitFor();

      const { page, complaints } = await house.visit();
      await page.goto("/settings");
      await page.getByLabel("Name").focus();
      await page.keyboard.press("Enter");
      await expectFocus(page, "Rename");
      await page.keyboard.press("Shift+Tab");
      await page.keyboard.press("End");
      await page.keyboard.type(" Two");
      await page.keyboard.press("Enter");
      await page.getByText("Workspace renamed").waitFor();
      await tabTo(page, "AI answers");
      await page.keyboard.press("Space");
      await until("it is switched", async () => {
        return (await must(house.server, "GET", "/settings")).ai_enabled === false;
      });
      await page.locator("[role=switch][aria-label='AI answers']:not([data-disabled])").waitFor();
      expect(await focused(page)).toBe("AI answers");
      await page.keyboard.press("Space");
      await until("it is switched back", async () => {
        return (await must(house.server, "GET", "/settings")).ai_enabled === true;
      });
      expect([...complaints, ...own.complaints]).toEqual([]);
    },
    LIMIT_MS,
  );

  test(
    "a second factor is switched on and used to sign in",
    async () => {
      await house.makeOwner();
      const person = await inviteAs(house, "agent", "Priya Raman");
      const { page, complaints } = await visitAs(house, person);
      await page.goto("/settings?part=account");
      await page.getByRole("button", { name: "Switch it on…" }).press("Enter");
      await expectFocus(page, "Your password");
      await page.keyboard.press("Enter");
      await expectFocus(page, "Go on");
      await page.keyboard.press("Shift+Tab");
      await tabTo(page, "Your password", "Shift+Tab");
      await page.keyboard.type(PASSWORD);
      await page.keyboard.press("Enter");
      await expectFocus(page, "Code");
      const uri = await page.locator("code[title^=otpauth]").getAttribute("title");
      await page.keyboard.press("Enter");
      await expectFocus(page, "Switch it on");
      await tabTo(page, "Code", "Shift+Tab");
      await page.keyboard.type(totpOf(uri ?? "", Date.now()));
      await page.keyboard.press("Enter");
      await page.getByRole("dialog", { name: "Your backup codes" }).waitFor();
      await tabTo(page, "I have stored them");
      await page.keyboard.press("Space");
      await page.keyboard.press("Control+Enter");
      await page.getByRole("dialog", { name: "Your backup codes" }).waitFor({ state: "detached" });
      await expectFocus(page, "New backup codes…");

      const door = await house.visit({ signedIn: false });
      await door.page.goto("/");
      await expectFocus(door.page, "email");
      await door.page.keyboard.type(person.email);
      await door.page.keyboard.press("Tab");
      await door.page.keyboard.type(PASSWORD);
      await door.page.keyboard.press("Enter");
      await expectFocus(door.page, "code");
      // A code counts once: the next half minute's is taken too.
      await door.page.keyboard.type(totpOf(uri ?? "", Date.now() + 30_000));
      await door.page.keyboard.press("Enter");
      await door.page.getByRole("heading", { level: 1 }).waitFor();
      await door.page.getByRole("navigation", { name: "Pages" }).waitFor();
      expect([...complaints, ...door.complaints]).toEqual([]);
    },
    LIMIT_MS,
  );
});
