import { describe, expect, test } from "vitest";
import { openSealed } from "../../sdk/src/index.ts";
import { until } from "../../server/test/support/until.ts";
import { hasChromium } from "./support/chromium.ts";
import { must, openReceiver } from "./support/fill.ts";
import { useHouse } from "./support/house.ts";

const LIMIT_MS = 120_000;

describe.skipIf(!hasChromium)("purging", () => {
  const house = useHouse();

  test(
    "is refused with each place that is in the way, and switched on by what helps",
    async () => {
      const { server } = house;
      await must(server, "POST", "/accounts", {
        name: "Velo Nord",
        settings: { ai_enabled: true },
      });
      const { page, complaints } = await house.visit();
      await page.goto("/settings");
      const purge = page.getByRole("switch", { name: "Inbound Body Purge" });
      await purge.click();
      const conflict = page.getByRole("alert");
      await conflict.getByRole("listitem").filter({ hasText: "Account Velo Nord" }).waitFor();
      await conflict.getByRole("link", { name: "Velo Nord" }).click();
      const account = page.getByRole("complementary", { name: "Account" });
      await account.getByRole("switch", { name: "External Reply Mode" }).click();
      await account.getByText("Set here").nth(1).waitFor();

      await page.goto("/settings");
      await purge.click();
      await conflict.getByText("Velo Nord").waitFor({ state: "detached" });
      await conflict.getByRole("button", { name: "Turn External Reply Mode on too" }).click();
      await page.getByRole("switch", { name: "Inbound Body Purge", checked: true }).waitFor();
      expect(await must(server, "GET", "/settings")).toMatchObject({
        external_reply_mode: true,
        inbound_body_purge: true,
      });
      await page.getByRole("switch", { name: "External Reply Mode" }).click();
      await conflict.getByText("Turn AI off there, or External Reply Mode on.").waitFor();
      expect(complaints).toEqual([]);
    },
    LIMIT_MS,
  );

  test(
    "is survived by what is sealed to a key that was made in the browser and shown once",
    async () => {
      const { server } = house;
      const receiver = await openReceiver();
      house.onEnd(() => receiver.close());
      const { id } = await must(server, "POST", "/endpoints", {
        ...{ name: "Vault", url: receiver.url, events: ["message.received"] },
      });
      const channel = await must(server, "POST", "/simulator/channels", { kind: "sms" });
      await must(server, "PATCH", `/channels/${channel.id}`, {
        settings: { ai_enabled: false, inbound_body_purge: true },
      });
      const { page, complaints } = await house.visit();
      await page.goto(`/endpoints/${id}?tab=secrets`);
      const hold = page.getByRole("region", { name: "Sealed hold" });
      await hold.getByRole("button", { name: "Give a public key…" }).click();
      const dialog = page.getByRole("dialog");
      await dialog.getByLabel("Public key, as JWK").fill('{"kty":"EC","d":"mine"}');
      await dialog.getByText("It holds the private half (d)").waitFor();
      await dialog.getByLabel("Public key, as JWK").fill('{"kty":"EC"}');
      await dialog.getByRole("button", { name: "Seal to it" }).click();
      await dialog.getByText("is a public key as JWK: EC on P-256, or RSA").waitFor();
      await page.keyboard.press("Escape");

      await hold.getByRole("button", { name: "Make a pair here" }).click();
      const privateKey = await page.locator("[data-secret]").innerText();
      expect((await must(server, "GET", `/endpoints/${id}`)).hold_key).toBeNull();
      await page.getByRole("checkbox", { name: /^I have/ }).click();
      await page.getByRole("button", { name: "Done" }).click();
      await hold.getByText("EC on P-256").waitFor();

      await must(server, "POST", `/simulator/channels/${channel.id}/acts`, {
        customer: { id: "15550100144", name: "Aino Lehtonen" },
        text: "The door code is 4711",
      });
      await until("it is delivered", () => receiver.requests.length > 0);
      const [sent] = receiver.requests;
      expect(sent?.body).not.toContain("4711");
      const body = JSON.parse(await openSealed(sent?.body ?? "", JSON.parse(privateKey)));
      expect(body.data.message.content).toMatchObject({ text: "The door code is 4711" });

      await hold.getByRole("button", { name: "Take it away…" }).click();
      await page.getByRole("dialog").getByRole("button", { name: "Take it away" }).click();
      await hold.getByRole("button", { name: "Make a pair here" }).waitFor();
      expect((await must(server, "GET", `/endpoints/${id}`)).hold_key).toBeNull();
      expect(complaints).toEqual([]);
    },
    LIMIT_MS,
  );
});
