import { isIP } from "node:net";
import ipaddr from "ipaddr.js";
import { readUrl } from "../../core/url.ts";
import {
  BLOCKED_IPV4,
  BLOCKED_IPV6,
  GLOBAL_IN_IETF_ASSIGNMENTS,
  METADATA_ADDRESSES,
  NAT64_PREFIX,
} from "./address-ranges.ts";
import { urlProblem } from "./url-problem.ts";

const SETTING = "CURLEW_ALLOW_TARGETS";

type Address = ipaddr.IPv4 | ipaddr.IPv6;
type Range = readonly [network: Address, prefix: number];

/** What the operator lets webhooks reach although it is private. */
export interface AllowTargets {
  /** Host names as a URL holds them: lower case, no dot at the end. */
  readonly hosts: ReadonlySet<string>;
  readonly ranges: readonly Range[];
}

export interface Refusal {
  ok: false;
  rule: "invalid_url" | "https_only" | "credentials" | "metadata" | "blocked_range";
  /** The range that holds the address, as a CIDR, when an address was refused. */
  range: string | null;
  /** For the person who named the URL: the rule, and the setting that would allow it. */
  detail: string;
}
/** `warning` says what stands in the way of reaching it, although nothing forbids it. */
export type Verdict = { ok: true; warning?: string } | Refusal;

/** What the addresses behind a host name must be; a URL with an address in it is already judged. */
export type Demand = "public" | "allowed" | "named" | "none";
export type UrlVerdict = { ok: true; host: string; demand: Demand } | Refusal;

const METADATA = METADATA_ADDRESSES.map((each) => ipaddr.parse(each));
const NAT64 = ipaddr.parseCIDR(NAT64_PREFIX);
const IETF_GLOBAL = GLOBAL_IN_IETF_ASSIGNMENTS.map((cidr) => ipaddr.parseCIDR(cidr));
const BLOCKED = [...BLOCKED_IPV4, ...BLOCKED_IPV6].map(({ cidr, name }) => ({
  cidr,
  name,
  range: ipaddr.parseCIDR(cidr),
}));

/** Throws one error that names every entry that is neither a host, an address nor a CIDR. */
export function parseAllowTargets(list: readonly string[]): AllowTargets {
  const hosts = new Set<string>();
  const ranges: Range[] = [];
  const wrong: string[] = [];
  for (const entry of list.map((each) => each.trim()).filter((each) => each !== "")) {
    const range = parseRange(entry);
    const host = range ? null : parseHost(entry);
    if (range) ranges.push(range);
    else if (host !== null) hosts.add(host);
    else wrong.push(`${SETTING}: "${entry}" is neither a host, an address nor a CIDR`);
  }
  if (wrong.length > 0) throw new Error(wrong.join("\n"));
  return { hosts, ranges };
}

/** Whether webhooks may reach an address. What is not an address may not be reached. */
export function judgeAddress(ip: string, allow: AllowTargets): Verdict {
  return judgeAnswer(ip, "public", allow);
}

/** Judges one address against what its URL demands. */
export function judgeAnswer(ip: string, demand: Demand, allow: AllowTargets): Verdict {
  if (demand === "none") return { ok: true };
  if (isIP(ip) === 0) return refuse("invalid_url", `"${ip}" is not an address`);
  return judge(parseAddress(ip), demand, allow);
}

/**
 * Judges a host name that has no address now. A name may be taken before it has one: whatever it comes to
 * mean is judged when it is connected to.
 */
export function judgeUnresolved(host: string, demand: Demand): Verdict {
  if (demand === "allowed") return httpsOnly();
  const warning = `the host name ${host} has no address now, and is not reached before it has one`;
  return { ok: true, warning };
}

/** Judges everything about a URL that needs no DNS; `demand` says what is left to judge. */
export function judgeUrl(text: string, allow: AllowTargets): UrlVerdict {
  const url = readUrl(text);
  if (!url || (url.protocol !== "https:" && url.protocol !== "http:")) {
    return refuse("invalid_url", urlProblem(text));
  }
  if (url.username !== "" || url.password !== "") {
    return refuse("credentials", "a URL may not hold a user name or password: use headers or auth");
  }
  const host = hostOf(url);
  const secure = url.protocol === "https:";
  if (isIP(host) !== 0) {
    const verdict = judge(parseAddress(host), secure ? "public" : "allowed", allow);
    return verdict.ok ? { ok: true, host, demand: "none" } : verdict;
  }
  if (allow.hosts.has(host)) return { ok: true, host, demand: "named" };
  if (secure) return { ok: true, host, demand: "public" };
  return allow.ranges.length > 0 ? { ok: true, host, demand: "allowed" } : httpsOnly();
}

function judge(address: Address, demand: Demand, allow: AllowTargets): Verdict {
  const carried = carriedIpv4(address);
  if (METADATA.some((each) => same(each, address) || (carried && same(each, carried.ipv4)))) {
    const detail = "cloud metadata addresses may not be reached; no setting allows it";
    return { ok: false, rule: "metadata", range: null, detail };
  }
  if (demand === "named" || allow.ranges.some((range) => isWithin(address, range))) {
    return { ok: true };
  }
  if (carried?.by === "nat64") return judge(carried.ipv4, demand, allow);
  if (demand === "allowed") return httpsOnly();
  if (IETF_GLOBAL.some((range) => isWithin(address, range))) return { ok: true };
  const blocked = BLOCKED.find(({ range }) => isWithin(address, range));
  if (!blocked) return { ok: true };
  const { cidr, name } = blocked;
  const detail =
    `addresses in ${cidr} (${name}) may not be reached; ` +
    `if the target is your own, add its host or CIDR to ${SETTING}`;
  return { ok: false, rule: "blocked_range", range: cidr, detail };
}

function carriedIpv4(address: Address): { by: "mapped" | "nat64"; ipv4: ipaddr.IPv4 } | null {
  if (address.kind() === "ipv4") return null;
  const ipv4 = new ipaddr.IPv4(address.toByteArray().slice(-4));
  if (isWithin(address, NAT64)) return { by: "nat64", ipv4 };
  return isWithin(address, [ipaddr.parse("::ffff:0:0"), 96]) ? { by: "mapped", ipv4 } : null;
}

/** ipaddr.js takes `::127.0.0.1` for `::ffff:127.0.0.1`; the URL parser spells it out first. */
function parseAddress(ip: string): Address {
  const [address = ""] = ip.split("%");
  return ipaddr.parse(isIP(address) === 6 ? hostOf(new URL(`http://[${address}]`)) : address);
}

function isWithin(address: Address, [network, prefix]: Range): boolean {
  return address.kind() === network.kind() && address.match(network, prefix);
}

function same(a: Address, b: Address): boolean {
  return a.kind() === b.kind() && a.toNormalizedString() === b.toNormalizedString();
}

/** The host without the brackets of an IPv6 address or the dot that may end a name. */
function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$|\.$/g, "");
}

function parseRange(entry: string): Range | null {
  if (entry.includes("/")) {
    const valid = ipaddr.IPv4.isValidCIDRFourPartDecimal(entry) || ipaddr.IPv6.isValidCIDR(entry);
    return valid ? ipaddr.parseCIDR(entry) : null;
  }
  const address = entry.replace(/^\[(.*)\]$/, "$1");
  const family = isIP(address);
  return family === 0 ? null : [parseAddress(address), family === 4 ? 32 : 128];
}

function parseHost(entry: string): string | null {
  const url = /[\s:/\\?#@*]/.test(entry) ? null : readUrl(`https://${entry}`);
  return url && isIP(hostOf(url)) === 0 ? hostOf(url) : null;
}

function refuse(rule: Refusal["rule"], detail: string): Refusal {
  return { ok: false, rule, range: null, detail };
}

function httpsOnly(): Refusal {
  return refuse(
    "https_only",
    `the URL must begin with https://; http:// is only for hosts and CIDRs in ${SETTING}`,
  );
}
