import { expect, test } from "vitest";
import { judgeUrl, parseAllowTargets } from "./address-guard.ts";

const ALLOW = parseAllowTargets(["127.0.0.0/8", "own.example"]);

test.each([
  ["", "the URL must begin with https://"],
  ["example.com/hook", "the URL must begin with https://"],
  ["127.0.0.1:8080", "the URL must begin with https://"],
  ["ftp://public.example/", "the URL must begin with https://"],
  ["localhost:8080/hook", "the URL must begin with https://"],
  ["https://", "the URL names no host"],
  ["https:///", "the URL names no host"],
  ["https://?a=1", "the URL names no host"],
  ["https://:8443/", "the URL names no host"],
  ["https://user:pass@/", "the URL names no host"],
  ["https://exa mple", "a host name may not hold a space"],
  ["https://public.example :443/", "a host name may not hold a space"],
  ["http://127.0.0.1:99999/", "port 99999 is above 65535, the highest that there is"],
  ["https://public.example:65536", "port 65536 is above 65535, the highest that there is"],
  ["https://[::1]:99999/", "port 99999 is above 65535, the highest that there is"],
  ["https://public.example:web/", 'the port "web" is not a number'],
  ["https://user:pass@public.example:web/", 'the port "web" is not a number'],
  ["http://[::1/", "the IPv6 address in the URL lacks its closing bracket"],
  ["https://[::g]/", '"::g" is not an IPv6 address'],
  ["https://[::1]x/", '"[::1]x" is not a host'],
  ["https://exa|mple/", '"exa|mple" is not a host name'],
  ["https://1.2.3.4.5/", '"1.2.3.4.5" is not a host name'],
])("%j is refused: %s", (url, detail) => {
  expect(judgeUrl(url, ALLOW)).toEqual({ ok: false, rule: "invalid_url", range: null, detail });
});

test("what is a URL and may not be reached is refused for that", () => {
  expect(judgeUrl("https://user@public.example/", ALLOW)).toMatchObject({ rule: "credentials" });
  expect(judgeUrl("http://8.8.8.8/", ALLOW)).toMatchObject({ rule: "https_only" });
  expect(judgeUrl("https://10.0.0.1/", ALLOW)).toMatchObject({ rule: "blocked_range" });
  expect(judgeUrl("http://own.example:65535/", ALLOW)).toMatchObject({ ok: true });
});
