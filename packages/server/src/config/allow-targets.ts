import { isIP } from "node:net";
import { readUrl } from "../core/url.ts";

/** Why an entry of CURLEW_ALLOW_TARGETS cannot be understood, in words, or null. */
export function targetProblem(entry: string): string | null {
  const isTarget = entry.includes("/") ? isCidr(entry) : isAddressOrHost(entry);
  return isTarget ? null : `holds "${entry}", which is neither a host, an address nor a CIDR`;
}

function isCidr(entry: string): boolean {
  const [address = "", prefix = "", ...rest] = entry.split("/");
  const longest = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
  return rest.length === 0 && /^\d{1,3}$/.test(prefix) && Number(prefix) <= longest;
}

function isAddressOrHost(entry: string): boolean {
  if (isIP(entry.replace(/^\[(.*)\]$/, "$1")) !== 0) return true;
  return !/[\s:\\?#@*]/.test(entry) && readUrl(`https://${entry}`) !== null;
}
