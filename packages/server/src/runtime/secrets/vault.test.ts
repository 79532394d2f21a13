import { createHash, randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createVault, type Place } from "./vault.ts";

const row = "01890a5d-ac96-774b-bcce-b302099a8057";
const place: Place = { table: "channel", row, column: "access_token" };
const SECRET = "EAAG-very-secret-token";
const newKey = () => randomBytes(32);

/** The message of what `work` throws. */
function complaint(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return "nothing was thrown";
}

describe("a sealed value", () => {
  test("opens where it was sealed", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (plain) => {
        const vault = createVault([newKey()]);
        expect(vault.open(vault.seal(plain, place), place)).toBe(plain);
      }),
    );
  });

  test("names its key and is another text each time", () => {
    const key = newKey();
    const vault = createVault([key]);
    const id = createHash("sha256").update(key).digest("hex").slice(0, 8);
    const sealed = vault.seal(SECRET, place);
    expect(sealed).toMatch(new RegExp(`^v1\\.${id}\\.[\\w-]+$`));
    expect(vault.seal(SECRET, place)).not.toBe(sealed);
  });

  test.each([
    { ...place, table: "endpoint" },
    { ...place, row: row.replace("0", "1") },
    { ...place, column: "app_secret" },
    { ...place, table: `channel${row.slice(0, 8)}`, row: row.slice(8) },
    { table: `channel","${row}`, row: "access_token", column: "" },
  ])("does not open at another place: %j", (other) => {
    const vault = createVault([newKey()]);
    const sealed = vault.seal(SECRET, place);
    expect(() => vault.open(sealed, other)).toThrow("was altered, or sealed for another place");
  });

  test("does not open when a bit of it has been changed", () => {
    const vault = createVault([newKey()]);
    const [version, id, text = ""] = vault.seal(SECRET, place).split(".");
    const bytes = Buffer.from(text, "base64url");
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const changed = Buffer.from(bytes);
        changed.writeUInt8(bytes.readUInt8(at) ^ flip, at);
        const sealed = `${version}.${id}.${changed.toString("base64url")}`;
        expect(() => vault.open(sealed, place)).toThrow("was altered");
      }),
    );
  });

  test.each(["", "plain", "v1.abcdef01", "v2.abcdef01.AAAA", "v1.abcdef01.AAAA", "v1.a.b.c"])(
    "is not %j",
    (text) => {
      expect(() => createVault([newKey()]).open(text, place)).toThrow("not hold a sealed value");
    },
  );
});

describe("a rotation of master keys", () => {
  test("opens what the old key sealed and seals with the new one", () => {
    const [old, latest] = [newKey(), newKey()];
    const before = createVault([old]);
    const during = createVault([latest, old]);
    const after = createVault([latest]);
    const sealed = before.seal(SECRET, place);
    expect(during.open(sealed, place)).toBe(SECRET);
    expect(after.open(during.seal(SECRET, place), place)).toBe(SECRET);
    expect(() => after.open(sealed, place)).toThrow("is not in CURLEW_MASTER_KEY");
  });

  test("refuses a list without a key and a key of another length", () => {
    expect(() => createVault([])).toThrow("needs a master key");
    expect(() => createVault([randomBytes(31)])).toThrow("a master key has 32 bytes, not 31");
  });
});

test("errors name the place and no secret", () => {
  const [key, other] = [newKey(), newKey()];
  const vault = createVault([key]);
  const sealed = vault.seal(SECRET, place);
  const complaints = [
    complaint(() => vault.open(sealed, { ...place, column: "app_secret" })),
    complaint(() => createVault([other]).open(sealed, place)),
    complaint(() => vault.open(SECRET, place)),
  ];
  for (const text of complaints) {
    expect(text).toContain(row);
    for (const secret of [SECRET, sealed.split(".")[2] ?? "", key.toString("base64")]) {
      expect(text).not.toContain(secret);
    }
  }
});
