import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { judgeAddress, judgeUrl, parseAllowTargets } from "./address-guard.ts";

const NOTHING = parseAllowTargets([]);
const BLOCKED_V4 = cidrs(`
  0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12
  192.0.0.0/24 192.0.2.0/24 192.31.196.0/24 192.52.193.0/24 192.88.99.0/24
  192.168.0.0/16 192.175.48.0/24 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24
  224.0.0.0/4 240.0.0.0/4
`);
const BLOCKED_V6 = cidrs(`
  ::/8 100::/64 2001::/23 2001:db8::/32 2002::/16 3fff::/20 5f00::/16 fc00::/7
  fe80::/10 fec0::/10 ff00::/8
`);
const GLOBAL_IN_BLOCKED = cidrs(`
  2001:1::1/128 2001:1::2/128 2001:1::3/128 2001:3::/32 2001:4:112::/48
  2001:20::/28 2001:30::/28
`);
const NAT64 = "64:ff9b::/96";
/** What is global unicast today. */
const GLOBAL_V6 = "2000::/3";

function cidrs(table: string): string[] {
  return table.trim().split(/\s+/);
}

interface Block {
  first: bigint;
  last: bigint;
  bits: 32 | 128;
}

/** An independent reading of CIDRs, so that the test does not share a parser with the guard. */
function block(cidr: string): Block {
  const [address = "", prefix] = cidr.split("/");
  const bits = address.includes(":") ? 128 : 32;
  const first = bits === 32 ? number4(address) : number6(address);
  return { first, last: first + (1n << BigInt(bits - Number(prefix))) - 1n, bits };
}

function number4(address: string): bigint {
  return address.split(".").reduce((sum, part) => (sum << 8n) | BigInt(part), 0n);
}

function number6(address: string): bigint {
  const [head = "", tail = ""] = address.split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail === "" ? [] : tail.split(":");
  const middle = Array<string>(8 - left.length - right.length).fill("0");
  const groups = address.includes("::") ? [...left, ...middle, ...right] : left;
  return groups.reduce((sum, group) => (sum << 16n) | BigInt(`0x${group}`), 0n);
}

function text(address: bigint, bits: 32 | 128): string {
  const size = bits === 32 ? 8n : 16n;
  const parts: string[] = [];
  for (let rest = address, i = 0n; i < BigInt(bits) / size; i++, rest >>= size) {
    const part = rest & ((1n << size) - 1n);
    parts.unshift(part.toString(bits === 32 ? 10 : 16));
  }
  return parts.join(bits === 32 ? "." : ":");
}

function within(address: bigint, bits: number, blocks: string[]): boolean {
  return blocks.map(block).some((b) => b.bits === bits && b.first <= address && address <= b.last);
}

/** What the design page says, in one expression a family. */
function mayBeReached(address: bigint, bits: 32 | 128): boolean {
  if (bits === 32) {
    const azure = number4("168.63.129.16");
    return !within(address, 32, BLOCKED_V4) && address !== azure;
  }
  if (within(address, 128, [NAT64])) return mayBeReached(address & 0xffffffffn, 32);
  if (within(address, 128, GLOBAL_IN_BLOCKED)) return true;
  return within(address, 128, [GLOBAL_V6]) && !within(address, 128, BLOCKED_V6);
}

const every = [...BLOCKED_V4, ...BLOCKED_V6, ...GLOBAL_IN_BLOCKED, NAT64, GLOBAL_V6];

describe("an address", () => {
  test.each(every)("of %s, at random, gets the verdict of the design page", (cidr) => {
    const { first, last, bits } = block(cidr);
    fc.assert(
      fc.property(fc.bigInt({ min: first, max: last }), (address) => {
        const verdict = judgeAddress(text(address, bits), NOTHING);
        expect([address, verdict.ok]).toEqual([address, mayBeReached(address, bits)]);
      }),
    );
  });

  test.each(every)("at the borders of %s gets the verdict of the design page", (cidr) => {
    const { first, last, bits } = block(cidr);
    const all = 1n << BigInt(bits);
    for (const address of [first - 1n, first, last, last + 1n].filter((a) => a >= 0n && a < all)) {
      const verdict = judgeAddress(text(address, bits), NOTHING);
      expect([address, verdict.ok]).toEqual([address, mayBeReached(address, bits)]);
    }
  });

  test("of any kind, at random, gets the verdict of the design page", () => {
    const any = fc.oneof(
      fc.bigInt({ min: 0n, max: 2n ** 32n - 1n }).map((a) => [a, 32] as const),
      fc.bigInt({ min: 0n, max: 2n ** 128n - 1n }).map((a) => [a, 128] as const),
    );
    fc.assert(
      fc.property(any, ([address, bits]) => {
        const verdict = judgeAddress(text(address, bits), NOTHING);
        expect([address, verdict.ok]).toEqual([address, mayBeReached(address, bits)]);
      }),
      { numRuns: 1_000 },
    );
  });

  test.each([
    ["8.8.8.8", null],
    ["1.1.1.1", null],
    ["2606:4700:4700::1111", null],
    ["2001:3::1", null],
    ["64:ff9b::8.8.8.8", null],
    ["127.0.0.1", "127.0.0.0/8"],
    ["::1", "::1/128"],
    ["::", "::/128"],
    ["::127.0.0.1", "::/8"],
    ["::ffff:8.8.8.8", "::ffff:0:0/96"],
    ["64:ff9b::10.0.0.1", "10.0.0.0/8"],
    ["64:ff9b:1::1", "64:ff9b:1::/48"],
    ["2002:7f00:1::", "2002::/16"],
    ["2001:0:7f00:1::", "2001::/32"],
    ["fe80::1%eth0", "fe80::/10"],
    ["feff::1", "fec0::/10"],
    ["255.255.255.255", "255.255.255.255/32"],
    ["4000::1", "4000::/2"],
  ])("%s is judged by %j", (ip, range) => {
    const verdict = range === null ? { ok: true } : { ok: false, rule: "blocked_range", range };
    expect(judgeAddress(ip, NOTHING)).toMatchObject(verdict);
  });

  test.each(["", "localhost", "1.2.3", "0x7f.0.0.1", "127.0.0.1:80", "[::1]", "::g"])(
    "is not %j",
    (wrong) => {
      expect(judgeAddress(wrong, NOTHING)).toMatchObject({ ok: false, rule: "invalid_url" });
    },
  );

  test("is refused with the range, its name and the setting that would allow it", () => {
    expect(judgeAddress("192.168.1.9", NOTHING)).toMatchObject({
      detail:
        "addresses in 192.168.0.0/16 (Private-Use) may not be reached; " +
        "if the target is your own, add its host or CIDR to CURLEW_ALLOW_TARGETS",
    });
  });
});

/** Ways to write an IPv4 address that a URL parser takes for one. */
const SPELLINGS: Record<string, (address: bigint) => string> = {
  dotted: (a) => text(a, 32),
  "with a dot at the end": (a) => `${text(a, 32)}.`,
  "as one number": (a) => String(a),
  "in hexadecimal": (a) => `0x${a.toString(16)}`,
  "in hexadecimal, written large": (a) => `0X${a.toString(16).toUpperCase()}`,
  "in octal": (a) => `0${a.toString(8)}`,
  "in two parts": (a) => `${a >> 24n}.${a & 0xffffffn}`,
  "in three parts, of three kinds": (a) =>
    `0x${(a >> 24n).toString(16)}.0${((a >> 16n) & 0xffn).toString(8)}.${a & 0xffffn}`,
  "part by part in octal": (a) =>
    text(a, 32)
      .split(".")
      .map((part) => `0${Number(part).toString(8)}`)
      .join("."),
  "in full-width digits": (a) =>
    text(a, 32).replace(/\d/g, (digit) => String.fromCodePoint(0xff10 + Number(digit))),
  "with ideographic dots": (a) => text(a, 32).replaceAll(".", "。"),
  "percent-encoded": (a) =>
    text(a, 32).replace(/\d/g, (digit) => `%${digit.charCodeAt(0).toString(16)}`),
  "mapped to IPv6": (a) => `[::ffff:${text(a, 32)}]`,
  "mapped to IPv6, in hexadecimal": (a) => `[${text((0xffffn << 32n) | a, 128)}]`,
  "in 6to4": (a) => `[2002:${(a >> 16n).toString(16)}:${(a & 0xffffn).toString(16)}::1]`,
  "behind NAT64": (a) => `[64:ff9b::${text(a, 32)}]`,
};
/** Those that are another address, which is refused whatever it carries. */
const NEVER = new Set(["mapped to IPv6", "mapped to IPv6, in hexadecimal", "in 6to4"]);

describe("an IPv4 address in a URL", () => {
  const port = fc.option(fc.integer({ min: 1, max: 65_535 }), { nil: null });
  const url = (host: string, number: number | null) =>
    `https://${host}${number === null ? "" : `:${number}`}/hook`;

  test.each(Object.entries(SPELLINGS))(
    "written %s gets the verdict of the address",
    (name, spell) => {
      fc.assert(
        fc.property(fc.bigInt({ min: 0n, max: 2n ** 32n - 1n }), port, (address, number) => {
          const expected = !NEVER.has(name) && mayBeReached(address, 32);
          const given = url(spell(address), number);
          expect([given, judgeUrl(given, NOTHING).ok]).toEqual([given, expected]);
        }),
        { numRuns: 300 },
      );
    },
  );

  test.each(Object.entries(SPELLINGS))(
    "that is private is refused when it is written %s",
    (_, spell) => {
      const privately = fc.constantFrom(...BLOCKED_V4).chain((cidr) => {
        const { first, last } = block(cidr);
        return fc.bigInt({ min: first, max: last });
      });
      fc.assert(
        fc.property(privately, port, (address, number) => {
          const given = url(spell(address), number);
          const verdict = judgeUrl(given, NOTHING);
          expect([given, verdict.ok]).toEqual([given, false]);
        }),
      );
    },
  );
});

describe("what the operator allows", () => {
  test("is hosts, addresses and CIDRs", () => {
    const allow = parseAllowTargets([
      "127.0.0.0/8",
      " 10.1.2.3 ",
      "[fd00::1]",
      "fd01::/16",
      "LocalHost",
      "bücher.example.",
      "",
    ]);
    expect([...allow.hosts]).toEqual(["localhost", "xn--bcher-kva.example"]);
    expect(judgeAddress("127.9.9.9", allow)).toEqual({ ok: true });
    expect(judgeAddress("10.1.2.3", allow)).toEqual({ ok: true });
    expect(judgeAddress("10.1.2.4", allow)).toMatchObject({ ok: false });
    expect(judgeAddress("fd00::1", allow)).toEqual({ ok: true });
    expect(judgeAddress("fd01:2::3", allow)).toEqual({ ok: true });
    expect(judgeAddress("fd02::", allow)).toMatchObject({ ok: false });
    expect(judgeAddress("64:ff9b::7f00:1", allow), "in its IPv6 coat").toEqual({ ok: true });
    expect(judgeAddress("::ffff:127.0.0.1", allow)).toMatchObject({ ok: false });
  });

  test("is refused with every entry that is none of them", () => {
    const wrong = [
      "10.0.0.0/33",
      "http://a",
      "a:80",
      "*.a",
      "127.1",
      "0x7f.1/8",
      "a b",
      "fd00::/129",
    ];
    const complaint = wrong
      .map((each) => `CURLEW_ALLOW_TARGETS: "${each}" is neither a host, an address nor a CIDR`)
      .join("\n");
    expect(() => parseAllowTargets(["localhost", ...wrong])).toThrow(new Error(complaint));
  });

  test.each([
    "169.254.169.254",
    "64:ff9b::a9fe:a9fe",
    "::ffff:169.254.169.254",
    "100.100.100.200",
    "168.63.129.16",
    "fd00:ec2::254",
  ])("never includes the cloud's metadata at %s", (ip) => {
    const allow = parseAllowTargets(["0.0.0.0/0", "::/0"]);
    expect(judgeAddress(ip, allow)).toMatchObject({ ok: false, rule: "metadata" });
    expect(judgeAddress(ip, NOTHING)).toMatchObject({ ok: false, rule: "metadata" });
  });
});

describe("a URL", () => {
  test.each([
    ["https://example.com/hook?a=1", "example.com"],
    ["https://example.com.:8443/", "example.com"],
    ["https://8.8.8.8/", "8.8.8.8"],
    ["https://[2606:4700::1]/", "2606:4700::1"],
    ["HTTPS://BÜCHER.example", "xn--bcher-kva.example"],
  ])("%s may be named", (url, host) => {
    expect(judgeUrl(url, NOTHING)).toMatchObject({ ok: true, host });
  });

  test.each([
    ["http://example.com/", "https_only"],
    ["http://8.8.8.8/", "https_only"],
    ["ftp://example.com/", "invalid_url"],
    ["javascript:alert(1)", "invalid_url"],
    ["example.com", "invalid_url"],
    ["https://", "invalid_url"],
    ["https://1.2.3.4.5/", "invalid_url"],
    ["https://[fe80::1%25eth0]/", "invalid_url"],
    ["https://user@example.com/", "credentials"],
    ["https://:pass@example.com/", "credentials"],
  ])("%s is refused as %s", (url, rule) => {
    expect(judgeUrl(url, NOTHING)).toMatchObject({ ok: false, rule });
  });

  test.each([
    "https://127.0.0.1/",
    "https://127.0.0.1./",
    "https://127.1/",
    "https://2130706433/",
    "https://0x7f000001/",
    "https://0x7f.0.0.1/",
    "https://0177.0.0.1/",
    "https://017700000001/",
    "https://127.0.0.1:8443/",
    "https://１２７.０.０.１/",
    "https://127。0。0。1/",
    "https://%31%32%37.0.0.1/",
    "https://0/",
    "https://10.1/",
    "https://[::1]/",
    "https://[0:0:0:0:0:0:0:1]/",
    "https://[::]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[::ffff:7f00:1]/",
    "https://[::127.0.0.1]/",
    "https://[64:ff9b::127.0.0.1]/",
    "https://[64:ff9b::7f00:1]/",
    "https://[2002:7f00:1::]/",
    "https://[2001:0:7f00:1::]/",
    "https://[fe80::1]/",
    "https://[fd12:3456::1]/",
    "https:127.0.0.1/",
    "https:\\\\127.0.0.1\\",
    "https://127.0.0.1\\@example.com/",
    "https://127.0.0.1#@example.com/",
    "https://127.0.0.1?@example.com/",
    " https://127.0.0.1 ",
    "https://127.0.\t0.1/",
    "https://①②⑦.0.0.1/",
    "https://0x7F.0x0.0x0.0x1:443/",
    "https://0300.0250.1/",
    "https://[0000:0000::ffff:c0a8:0101]/",
  ])("%s is refused for its address, however it is spelled", (url) => {
    expect(judgeUrl(url, NOTHING)).toMatchObject({ ok: false, rule: "blocked_range" });
  });

  test("may be of an allowed target, over HTTP too", () => {
    const allow = parseAllowTargets(["localhost", "10.0.0.0/8"]);
    expect(judgeUrl("http://localhost.:3000/", allow)).toMatchObject({ ok: true, demand: "named" });
    expect(judgeUrl("http://10.2.3.4/", allow)).toMatchObject({ ok: true, demand: "none" });
    expect(judgeUrl("https://10.2.3.4/", allow)).toMatchObject({ ok: true, demand: "none" });
    expect(judgeUrl("http://db.internal/", allow)).toMatchObject({ ok: true, demand: "allowed" });
    expect(judgeUrl("https://db.internal/", allow)).toMatchObject({ ok: true, demand: "public" });
    expect(judgeUrl("http://127.0.0.1/", allow)).toMatchObject({ ok: false, rule: "https_only" });
    expect(judgeUrl("http://8.8.8.8/", allow)).toMatchObject({ ok: false, rule: "https_only" });
    expect(judgeUrl("http://a@localhost/", allow)).toMatchObject({ rule: "credentials" });
  });
});
