import { createHmac } from "node:crypto";
import type { Standing } from "../outlook.ts";
import type { Request } from "../receivers.ts";
import type { Rule } from "./evidence.ts";

/** Clocks may be apart by so much, and so may be what they take for over. */
const APART_MS = 60_000;
/** In so long every process knows that a breaker is open. */
const HEARD_MS = 5_000;
/** A permit to send that is not used counts no more. */
const LAPSE_MS = 200;

/** What is answered has been applied by every process. */
export const applied: Rule = ({ storm }, wrong) => {
  if (!storm.isCalm) return;
  for (const { version, behind } of storm.callers.changes) {
    if (behind.length > 0) wrong(`${version} was answered before ${behind.join()} applied it`);
  }
};

/** Nothing leaves for what stands still, once every process has applied it. */
export const stoodStill: Rule = ({ reigns }, wrong) => {
  for (const { standing, requests } of reigns) {
    if (standing.moves || requests.length === 0) continue;
    wrong(`${inWords(requests)} left for ${standing.serial}, which stood still`);
  }
};

/** A receiver may go by any secret that counts, and nothing is signed with another. */
export const signed: Rule = ({ storm, reigns }, wrong) => {
  const apartMs = storm.isClockSet ? Number.POSITIVE_INFINITY : APART_MS;
  for (const { standing, requests } of reigns) {
    for (const request of requests) {
      const [must, may] = secretsAt(standing, request.at, apartMs).map((secrets) =>
        secrets.map((secret) => signatureOf(request, secret)),
      );
      const own = request.headers["webhook-signature"]?.split(" ") ?? [];
      const isRight =
        must?.every((each) => own.includes(each)) && own.every((each) => may?.includes(each));
      if (!isRight) wrong(`${inWords([request])} was signed with other secrets than count`);
    }
  }
};

/** All processes together keep to an endpoint's rate. */
export const paced: Rule = ({ storm, reigns }, wrong) => {
  if (!storm.isCalm || storm.isSkewed || storm.isClockSet) return;
  for (const { standing, requests } of reigns) {
    const { rateLimit, serial } = standing;
    if (rateLimit === null) continue;
    for (const [from, first] of requests.entries()) {
      const permits = ({ at }: Request) =>
        Math.floor((at - first.at + LAPSE_MS) / (1_000 / rateLimit)) + 1;
      const to = requests.findLastIndex((each, n) => n - from + 1 > permits(each));
      if (to < from) continue;
      wrong(
        `${inWords(requests.slice(from, to + 1))} were more than ${rateLimit} a second for ${serial}`,
      );
      break;
    }
  }
};

/** Where a breaker is open, one request at a time finds out whether the endpoint is back. */
export const probedAlone: Rule = ({ storm, reigns }, wrong) => {
  if (!storm.isCalm || storm.isSkewed || storm.isClockSet) return;
  for (const { standing, since, requests } of reigns) {
    if (standing.openedAt === null) continue;
    const probes = requests.filter(({ at }) => at >= since + HEARD_MS);
    for (const [at, probe] of probes.entries()) {
      const before = probes.slice(0, at).find((each) => endOf(each) > probe.begunAt);
      if (before) wrong(`${inWords([before, probe])} were probes of ${standing.serial} at once`);
    }
  }
};

/** The secrets that everybody takes for live, and those that somebody may. */
function secretsAt({ secrets }: Standing, at: number, apartMs: number): [string[], string[]] {
  const those = (from: number) =>
    secrets
      .filter(({ expiresAt }) => expiresAt === null || expiresAt > from)
      .map(({ value }) => value);
  return [those(at + apartMs), those(at - apartMs)];
}

/** As Standard Webhooks says. */
function signatureOf({ headers, body }: Request, secret: string): string {
  const key = Buffer.from(secret.slice("whsec_".length), "base64");
  const content = `${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${body}`;
  return `v1,${createHmac("sha256", key).update(content).digest("base64")}`;
}

/** What a process had on its way when it ended is on its way no more. */
function endOf({ endedAt, begunAt, station }: Request): number {
  return endedAt ?? (station.state === "gone" ? begunAt : Number.POSITIVE_INFINITY);
}

function inWords(requests: readonly Request[]): string {
  return requests
    .map(({ eventId, n, station, at }) => `${eventId} attempt ${n} by ${station.name} at ${at}`)
    .join(", ");
}
