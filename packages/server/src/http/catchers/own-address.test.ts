import { describe, expect, test } from "vitest";
import { publicId } from "../../core/ids.ts";
import { OwnAddress } from "./own-address.ts";

const ID = "01890a5d-ac96-774b-bcce-b302099a8057";
const NAME = publicId("cat", ID);

function own(publicUrl: string | null, listening: string): OwnAddress {
  const address = new OwnAddress(publicUrl);
  address.listensAt(listening);
  return address;
}

describe("the server's own address", () => {
  const local = own(null, "http://127.0.0.1:8400");

  test.each([
    [`http://127.0.0.1:8400/catch/${NAME}`, true],
    [`http://127.0.0.1:8400/catch/../catch/${NAME}`, true],
    ["http://127.0.0.1:8400/v1/api-keys", false],
    ["http://127.0.0.1:8400/catch/", false],
    ["http://127.0.0.1:8400/catch/../v1/events", false],
    ["http://127.0.0.1:8400/catch/%2e%2e/v1/events", false],
    [`http://127.0.0.1:8400/catch/${NAME}/../../v1/events`, false],
    [`http://127.0.0.1:8400/catch/${NAME}/x`, false],
    [`http://127.0.0.1:8400/catch/${NAME}?x=1`, false],
    [`http://127.0.0.1:8400//catch/${NAME}`, false],
    [`http://user:pw@127.0.0.1:8400/catch/${NAME}`, false],
    [`http://127.0.0.1:8401/catch/${NAME}`, false],
    [`https://127.0.0.1:8400/catch/${NAME}`, false],
    [`http://localhost:8400/catch/${NAME}`, false],
    [`http://2130706433:8400/catch/${NAME}`, true],
    [`http://127.0.0.1:8400.evil.example/catch/${NAME}`, false],
  ])("exempts a catcher and nothing else: %s is %s", (url, expected) => {
    const parsed = URL.canParse(url) ? new URL(url) : null;
    expect(parsed !== null && local.isCatcher(parsed)).toBe(expected);
  });

  test("is the public one where there is one, its path included, and the local one besides", () => {
    const both = own("https://curlew.example/gate", "http://0.0.0.0:8400");
    expect(both.catcherUrl(ID)).toBe(`https://curlew.example/gate/catch/${NAME}`);
    expect(both.isCatcher(new URL(both.catcherUrl(ID)))).toBe(true);
    expect(both.isCatcher(new URL(`http://127.0.0.1:8400/catch/${NAME}`))).toBe(true);
    expect(both.isCatcher(new URL(`https://curlew.example/catch/${NAME}`))).toBe(false);
  });
});
