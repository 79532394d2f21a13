import type { Outlook, Standing } from "../outlook.ts";
import type { Request } from "../receivers.ts";
import type { Storm } from "../storm.ts";

/** A time in which an endpoint stood in one way, applied by every process; and what left for it then. */
export interface Reign {
  standing: Standing;
  /** ms since the epoch. */
  since: number;
  requests: Request[];
}

export function reignsOf({ outlooks, receivers, endpoints }: Storm): Reign[] {
  return endpoints.flatMap(({ serial, url }) => {
    const reigns: Reign[] = [];
    const own = receivers.requests.filter((request) => request.url === url);
    let reign: Reign | null = null;
    for (const [at, next] of outlooks.slice(1).entries()) {
      const before = outlooks[at];
      const standing = before && lastingFrom(before, next, serial);
      if (!standing) {
        reign = null;
        continue;
      }
      if (reign === null) {
        reign = { standing, since: before.at, requests: [] };
        reigns.push(reign);
      }
      const isBetween = ({ begunAt }: Request) => begunAt > before.moment && begunAt <= next.moment;
      reign.requests.push(...own.filter(isBetween));
    }
    return reigns;
  });
}

/** How an endpoint stood from one look to the next; undefined where that changed, or was not applied. */
function lastingFrom(before: Outlook, next: Outlook, serial: number): Standing | undefined {
  if (!before.isApplied || before.version !== next.version) return undefined;
  const [from, to] = [before, next].map(({ endpoints }) =>
    endpoints.find((each) => each.serial === serial),
  );
  return JSON.stringify(from) === JSON.stringify(to) ? from : undefined;
}
