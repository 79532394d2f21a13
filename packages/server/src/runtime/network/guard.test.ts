import { isIPv6 } from "node:net";
import { describe, expect, test } from "vitest";
import { parseAllowTargets } from "./address-guard.ts";
import { createGuard, type Guard } from "./guard.ts";

const NAMES: Record<string, string[]> = {
  "public.example": ["93.184.215.14", "2606:4700::1"],
  "private.example": ["10.0.0.1"],
  "mixed.example": ["93.184.215.14", "::1"],
  "metadata.example": ["169.254.169.254"],
};

function guard(allow: string[] = [], exempt?: (url: URL) => boolean): Guard {
  return createGuard({
    allow: parseAllowTargets(allow),
    ...(exempt && { exempt }),
    resolve: async (host) => {
      const addresses = NAMES[host];
      if (!addresses) throw new Error("ENOTFOUND");
      return addresses;
    },
  });
}

/** What a socket that is to be connected to a URL gets from its lookup. */
function looksUp(from: Guard, url: string, all = true): Promise<unknown> {
  const { lookup } = from.connection(url);
  return new Promise((resolve) => {
    lookup(new URL(url).hostname, { all }, (error, found) => resolve(error?.message ?? found));
  });
}

describe("a URL that is handed in", () => {
  test.each([
    ["https://public.example/", [], null],
    ["https://private.example/", [], "blocked_range"],
    ["https://mixed.example/", [], "blocked_range"],
    ["http://unknown.example/", [], "https_only"],
    ["http://unknown.example/", ["10.0.0.0/8"], "https_only"],
    ["http://public.example/", [], "https_only"],
    ["https://127.0.0.1/", [], "blocked_range"],
    ["https://private.example/", ["10.0.0.0/8"], null],
    ["http://private.example/", ["10.0.0.0/8"], null],
    ["http://public.example/", ["10.0.0.0/8"], "https_only"],
    ["http://mixed.example/", ["::1"], "https_only"],
    ["https://mixed.example/", ["::1"], null],
    ["http://private.example/", ["private.example"], null],
    ["https://metadata.example/", ["metadata.example"], "metadata"],
  ])("%s with %j allowed is refused by %j", async (url, allow, rule) => {
    const verdict = rule === null ? { ok: true } : { ok: false, rule };
    expect(await guard(allow).checkUrl(url)).toMatchObject(verdict);
  });

  test("may be taken before its name has an address, and says so", async () => {
    const taken = {
      ok: true,
      warning:
        "the host name unknown.example has no address now, and is not reached before it has one",
    };
    expect(await guard().checkUrl("https://unknown.example/")).toEqual(taken);
    expect(await guard(["unknown.example"]).checkUrl("http://unknown.example/")).toEqual(taken);
    expect(await looksUp(guard(), "https://unknown.example/")).toBe("ENOTFOUND");
  });

  test("is not judged when it is our own", async () => {
    const own = guard(
      [],
      (url) => url.origin === "http://127.0.0.1:8400" && url.pathname.startsWith("/catch/"),
    );
    expect(await own.checkUrl("http://127.0.0.1:8400/catch/7f3k9")).toEqual({ ok: true });
    expect(await own.checkUrl("http://127.0.0.1:8400/catch/../v1/api-keys")).toMatchObject({
      ok: false,
    });
    expect(await own.checkUrl("http://127.0.0.1:8400/catch/%2e%2e/v1")).toMatchObject({
      ok: false,
    });
    expect(await own.checkUrl("http://127.0.0.1:8401/catch/7f3k9")).toMatchObject({ ok: false });
    expect(own.connection("http://127.0.0.1:8400/catch/7f3k9").verdict).toEqual({ ok: true });
  });
});

describe("a connection", () => {
  test("is pinned to the addresses that were judged", async () => {
    const [first, second] = NAMES["public.example"] ?? [];
    const found = [first, second].map((address) => ({
      address,
      family: isIPv6(address ?? "") ? 6 : 4,
    }));
    expect(await looksUp(guard(), "https://public.example/")).toEqual(found);
    expect(await looksUp(guard(), "https://public.example/", false)).toBe(first);
  });

  test.each([
    ["https://private.example/", [], /10\.0\.0\.0\/8 .* CURLEW_ALLOW_TARGETS/],
    ["https://mixed.example/", [], /::1\/128/],
    ["http://public.example/", ["10.0.0.0/8"], /https:\/\//],
    ["https://unknown.example/", [], /ENOTFOUND/],
  ])("to %s with %j allowed is refused with %s", async (url, allow, words) => {
    expect(await looksUp(guard(allow), url)).toMatch(words);
  });

  test("to a URL with an address in it is refused without a lookup", () => {
    expect(guard().connection("https://[::ffff:127.0.0.1]/").verdict).toMatchObject({ ok: false });
  });
});
