import { describe, expect, test } from "vitest";
import { createMediaLinks } from "./media-links.ts";

const ID = "01890a5d-ac96-774b-bcce-b302099a8057";
const NOW = Date.UTC(2026, 2, 2, 9);

const linksOf = (secret: string) =>
  createMediaLinks({ secret, baseUrl: () => "https://curlew.example", linkMs: 60_000 });

function partsOf(link: string) {
  const url = new URL(link);
  const id = url.pathname.split("/").at(-1) ?? "";
  return { id, exp: url.searchParams.get("exp") ?? "", sig: url.searchParams.get("sig") ?? "" };
}

describe("a link to a file", () => {
  test("is good until it ends, and says when that is", () => {
    const links = linksOf("ours");
    const { url, expires_at } = links.link(ID, NOW);
    expect(url).toMatch(
      /^https:\/\/curlew\.example\/media\/med_[0-9a-z]{26}\?exp=\d+&sig=[\w-]{43}$/,
    );
    expect(expires_at).toBe("2026-03-02T09:01:00.000Z");
    const { id, exp, sig } = partsOf(url);
    expect(links.judge(id, exp, sig, NOW + 59_999)).toBe("good");
    expect(links.judge(id, exp, sig, NOW + 60_000)).toBe("expired");
  });

  test("is good in every process that has the same secret, and in none that has another", () => {
    const { id, exp, sig } = partsOf(linksOf("ours").link(ID, NOW).url);
    expect(linksOf("ours").judge(id, exp, sig, NOW)).toBe("good");
    expect(linksOf("another").judge(id, exp, sig, NOW)).toBe("wrong");
  });

  test.each([
    ["another file", { id: "med_01h45csx4p8xxvvkkk00n9n02q" }],
    ["a later end", { exp: "9999999999" }],
    ["an end that is no number", { exp: "1e99" }],
    ["no signature", { sig: "" }],
    ["a shorter signature", { sig: "AAAA" }],
  ])("that was changed to %s is none", (_, change) => {
    const links = linksOf("ours");
    const { id, exp, sig } = { ...partsOf(links.link(ID, NOW).url), ...change };
    expect(links.judge(id, exp, sig, NOW)).toBe("wrong");
  });
});
