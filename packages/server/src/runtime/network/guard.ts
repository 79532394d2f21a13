import { isIPv6, type LookupFunction } from "node:net";
import { readUrl } from "../../core/url.ts";
import {
  type AllowTargets,
  type Demand,
  judgeAnswer,
  judgeUnresolved,
  judgeUrl,
  type Refusal,
  type Verdict,
} from "./address-guard.ts";
import { ConnectError } from "./failures.ts";
import { createResolve, type Resolve } from "./resolve-host.ts";

/** Stands between every URL that a tenant can name and the network. */
export interface Guard {
  /** For a URL that someone hands in: judges it and every address that its host has now. */
  checkUrl(url: string): Promise<Verdict>;
  /**
   * For a connection: judges the URL without DNS, and gives a `lookup` which answers with
   * addresses that may be connected to and that the socket is thereby pinned to. The lookup is
   * not called for a URL with an address in it: heed the verdict. What is ours goes through no proxy.
   */
  connection(url: string): { verdict: Verdict; lookup: LookupFunction; isExempt: boolean };
}

/** `exempt` names URLs that are ours, which are not judged at all; it sees them normalised. */
export function createGuard(options: {
  allow: AllowTargets;
  exempt?: (url: URL) => boolean;
  resolve?: Resolve;
}): Guard {
  const { allow, exempt = () => false, resolve = createResolve() } = options;

  function judge(url: string): ReturnType<typeof judgeUrl> {
    const read = readUrl(url);
    if (!read || !exempt(read)) return judgeUrl(url, allow);
    return { ok: true, host: read.hostname, demand: "none" };
  }

  function refusalAmong(addresses: readonly string[], demand: Demand): Refusal | null {
    for (const address of addresses) {
      const verdict = judgeAnswer(address, demand, allow);
      if (!verdict.ok) return verdict;
    }
    return null;
  }

  return {
    async checkUrl(url) {
      const verdict = judge(url);
      if (!verdict.ok || verdict.demand === "none") return verdict.ok ? { ok: true } : verdict;
      const addresses = await resolve(verdict.host).catch(() => []);
      if (addresses.length === 0) return judgeUnresolved(verdict.host, verdict.demand);
      return refusalAmong(addresses, verdict.demand) ?? { ok: true };
    },

    connection(url) {
      const verdict = judge(url);
      const demand = verdict.ok ? verdict.demand : "public";
      const lookup: LookupFunction = (host, { all }, callback) => {
        const answer = resolve(host).then((addresses) => {
          const refusal = refusalAmong(addresses, demand);
          if (refusal) throw new ConnectError("blocked_address", refusal.detail);
          return addresses.map((address) => ({ address, family: isIPv6(address) ? 6 : 4 }));
        });
        answer.then(
          (found) => {
            const [first] = found;
            if (!first) callback(new Error(`no address for ${host}`), []);
            else if (all) callback(null, found);
            else callback(null, first.address, first.family);
          },
          (error: unknown) => callback(error instanceof Error ? error : new Error("lookup"), []),
        );
      };
      const read = readUrl(url);
      const isExempt = read !== null && exempt(read);
      return { verdict: verdict.ok ? { ok: true } : verdict, lookup, isExempt };
    },
  };
}
