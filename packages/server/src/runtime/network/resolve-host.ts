import { lookup, Resolver } from "node:dns/promises";

/** Every address of a host name; rejects when there is none. */
export type Resolve = (host: string) => Promise<readonly string[]>;

export interface NameServices {
  /** DNS itself, with a limit of time. Rejects with the codes of `node:dns`. */
  query(host: string, type: "A" | "AAAA"): Promise<string[]>;
  /** The operating system's way, hosts file and search domains included. */
  system(host: string): Promise<string[]>;
}

/** Half of the threads that the system's way shares with files and cryptography. */
const SYSTEM_LOOKUPS = 2;

/**
 * Asks DNS directly, and the operating system only for what DNS does not know: names without a
 * dot, names in the hosts file, search domains. The system's way holds a thread until it answers,
 * so a name server that hangs, which any tenant can run, would hold up everybody's connections.
 */
export function createResolve(services: NameServices = systemServices()): Resolve {
  const running = new Map<string, Promise<readonly string[]>>();
  const system = limited(SYSTEM_LOOKUPS, services.system);

  async function ask(host: string): Promise<readonly string[]> {
    if (!host.includes(".") || host.endsWith(".localhost")) return system(host);
    const answers = await Promise.allSettled([
      services.query(host, "A"),
      services.query(host, "AAAA"),
    ]);
    const found = answers.flatMap((each) => (each.status === "fulfilled" ? each.value : []));
    if (found.length > 0) return found;
    const hung = answers.find((each) => each.status === "rejected" && isTimeout(each.reason));
    if (hung?.status === "rejected") throw hung.reason;
    return system(host);
  }

  return (host) => {
    const asked = running.get(host);
    if (asked) return asked;
    const answer = ask(host).finally(() => running.delete(host));
    running.set(host, answer);
    return answer;
  };
}

function isTimeout(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ETIMEOUT";
}

function limited<T>(
  most: number,
  work: (host: string) => Promise<T>,
): (host: string) => Promise<T> {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (host) => {
    if (running >= most) await new Promise<void>((resolve) => waiting.push(resolve));
    else running++;
    try {
      return await work(host);
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running--;
    }
  };
}

function systemServices(): NameServices {
  const resolver = new Resolver({ timeout: 2_000, tries: 2 });
  return {
    query: (host, type) => (type === "A" ? resolver.resolve4(host) : resolver.resolve6(host)),
    async system(host) {
      const answers = await lookup(host, { all: true, verbatim: true });
      return answers.map((each) => each.address);
    },
  };
}
