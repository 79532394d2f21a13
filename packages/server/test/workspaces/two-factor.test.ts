import { afterEach, beforeEach, expect, test } from "vitest";
import { systemClock } from "../../src/runtime/clock.ts";
import { OWNER, openSignInHouse, type SignInHouse } from "../support/api/sign-in-house.ts";
import { totpOf } from "../support/api/totp.ts";

const { email, password } = OWNER;
// better-auth reads the machine's clock, so an authenticator must too.
const { now } = systemClock();
/** A code is good once. What the authenticator shows next is good already, for clocks differ. */
const NEXT_MS = 30_000;

let house: SignInHouse;
beforeEach(async () => {
  house = await openSignInHouse();
});
afterEach(() => house.close());

type Browser = ReturnType<SignInHouse["browser"]>;

/** The owner, whose account now has a second factor. */
async function ownerWithSecondFactor() {
  const ask = house.browser();
  expect((await ask("POST", "/auth/first-owner", OWNER)).status).toBe(200);
  const { body } = await ask("POST", "/auth/two-factor/enable", { password });
  const uri: string = body.totpURI;
  const codes: string[] = body.backupCodes;
  const at = now();
  const used = { code: totpOf(uri, at) };
  expect((await ask("POST", "/auth/two-factor/verify-totp", used)).status).toBe(200);
  return { ask, uri, codes, used, next: { code: totpOf(uri, at + NEXT_MS) } };
}

/** A browser that has given the password and is asked for more. */
async function halfway(): Promise<Browser> {
  const ask = house.browser();
  const answer = await ask("POST", "/auth/sign-in/email", { email, password });
  expect(answer).toMatchObject({ status: 200, body: { twoFactorRedirect: true } });
  return ask;
}

const isIn = async (ask: Browser) => (await ask("GET", "/v1/me")).status === 200;

/** Six digits that no step around now has. */
function wrongCode(uri: string): string {
  const near = [-60_000, -30_000, 0, 30_000, 60_000].map((ms) => totpOf(uri, now() + ms));
  return ["000000", "111111", "222222", "333333", "444444", "555555"].find(
    (code) => !near.includes(code),
  ) as string; // six of them, and five are near
}

test("a second factor counts from its first right code on, not from being asked for", async () => {
  const ask = house.browser();
  await ask("POST", "/auth/first-owner", OWNER);
  const refused = await ask("POST", "/auth/two-factor/enable", { password: "not this one" });
  expect(refused).toMatchObject({ status: 422, body: { code: "invalid_request" } });
  const { body } = await ask("POST", "/auth/two-factor/enable", { password });
  expect(body.totpURI).toMatch(/^otpauth:\/\/totp\/Curlew[:%]/);
  expect(new Set(body.backupCodes).size).toBe(10);
  const half = house.browser();
  await half("POST", "/auth/sign-in/email", { email, password });
  expect(await isIn(half)).toBe(true);
  expect((await ask("GET", "/v1/members")).body.data).toMatchObject([{ two_factor: false }]);

  const wrong = { code: wrongCode(body.totpURI) };
  expect((await ask("POST", "/auth/two-factor/verify-totp", wrong)).status).toBe(401);
  const right = { code: totpOf(body.totpURI, now()) };
  expect((await ask("POST", "/auth/two-factor/verify-totp", right)).status).toBe(200);
  expect(await isIn(ask)).toBe(true);
  expect((await ask("GET", "/v1/members")).body.data).toMatchObject([{ two_factor: true }]);
});

test("with a second factor the password alone opens nothing, a wrong code neither, the right one does", async () => {
  const { uri, next } = await ownerWithSecondFactor();
  const ask = await halfway();
  expect(await isIn(ask)).toBe(false);
  const wrong = await ask("POST", "/auth/two-factor/verify-totp", { code: wrongCode(uri) });
  expect(wrong).toMatchObject({ status: 401, body: { code: "sign_in_refused" } });
  expect(await isIn(ask)).toBe(false);
  expect((await ask("POST", "/auth/two-factor/verify-totp", next)).status).toBe(200);
  expect(await isIn(ask)).toBe(true);
});

test("a code opens the door once, also to those who come at the same moment", async () => {
  const { used, next } = await ownerWithSecondFactor();
  const again = await halfway();
  const refused = await again("POST", "/auth/two-factor/verify-totp", used);
  expect(refused).toMatchObject({
    status: 401,
    body: {
      code: "sign_in_refused",
      detail: "This code was used already: sign in again, with the next one.",
    },
  });
  expect(await isIn(again)).toBe(false);

  const browsers = await Promise.all([halfway(), halfway(), halfway()]);
  const answers = await Promise.all(
    browsers.map((ask) => ask("POST", "/auth/two-factor/verify-totp", next)),
  );
  const statuses = answers.map(({ status }) => status);
  expect(statuses.sort((a, b) => a - b)).toEqual([200, 401, 401]);
  const inside = await Promise.all(browsers.map((ask) => isIn(ask)));
  expect(inside.filter(Boolean)).toHaveLength(1);
  expect(await house.rows("select 1 from sign_in")).toHaveLength(2);
});

test("a backup code opens the door once", async () => {
  const { codes } = await ownerWithSecondFactor();
  const [code] = codes;
  const ask = await halfway();
  expect((await ask("POST", "/auth/two-factor/verify-backup-code", { code })).status).toBe(200);
  expect(await isIn(ask)).toBe(true);
  const again = await halfway();
  const refused = await again("POST", "/auth/two-factor/verify-backup-code", { code });
  expect(refused.status).toBe(401);
  expect(await isIn(again)).toBe(false);
});

test("new backup codes end the old ones", async () => {
  const { ask, codes } = await ownerWithSecondFactor();
  const made = await ask("POST", "/auth/two-factor/generate-backup-codes", { password });
  const fresh: string[] = made.body.backupCodes;
  expect(fresh).toHaveLength(10);
  const other = await halfway();
  const old = { code: codes[1] };
  expect((await other("POST", "/auth/two-factor/verify-backup-code", old)).status).toBe(401);
  const next = { code: fresh[1] };
  expect((await other("POST", "/auth/two-factor/verify-backup-code", next)).status).toBe(200);
});

test("a browser that is trusted is not asked for the code again, another one is", async () => {
  const { next } = await ownerWithSecondFactor();
  const ask = await halfway();
  const trusted = { ...next, trustDevice: true };
  expect((await ask("POST", "/auth/two-factor/verify-totp", trusted)).status).toBe(200);
  await ask("POST", "/auth/sign-out", {});
  expect(await isIn(ask)).toBe(false);
  await ask("POST", "/auth/sign-in/email", { email, password });
  expect(await isIn(ask)).toBe(true);
  expect(await isIn(await halfway())).toBe(false);
});

test("guessing codes locks the account's second factor, the right code included", async () => {
  const { uri } = await ownerWithSecondFactor();
  const statuses: number[] = [];
  for (let round = 0; round < 4; round++) {
    const ask = await halfway();
    for (let n = 0; n < 4; n++) {
      const wrong = { code: wrongCode(uri) };
      statuses.push((await ask("POST", "/auth/two-factor/verify-totp", wrong)).status);
    }
  }
  expect(statuses.every((status) => status >= 400)).toBe(true);
  const [kept] = await house.rows<{ locked_until: Date | null }>(
    "select locked_until from two_factor",
  );
  expect(kept?.locked_until).not.toBeNull();
  const ask = await halfway();
  const right = { code: totpOf(uri, now()) };
  expect((await ask("POST", "/auth/two-factor/verify-totp", right)).status).not.toBe(200);
  expect(await isIn(ask)).toBe(false);
});

test("switching the second factor off takes the password, and then the password is enough", async () => {
  const { ask } = await ownerWithSecondFactor();
  const wrong = { password: "not this one" };
  expect((await ask("POST", "/auth/two-factor/disable", wrong)).status).toBe(422);
  expect((await ask("POST", "/auth/two-factor/disable", { password })).status).toBe(200);
  expect(await isIn(ask)).toBe(true);
  const other = house.browser();
  await other("POST", "/auth/sign-in/email", { email, password });
  expect(await isIn(other)).toBe(true);
});

test("neither the secret nor a backup code is kept in clear", async () => {
  const { uri, codes } = await ownerWithSecondFactor();
  const kept = JSON.stringify(await house.rows("select * from two_factor"));
  for (const code of codes) expect(kept).not.toContain(code);
  expect(kept).not.toContain(new URL(uri).searchParams.get("secret"));
});
