import type { Trouble } from "./troubles.ts";
import type { Trend } from "./verdict.ts";
import type { Sample } from "./watch.ts";

/** Everything that a run has found. */
export interface Report {
  minutes: number;
  rate: number;
  published: number;
  written: number;
  /** Messages that were asked to be sent, by what came of them. */
  sent: Record<string, number>;
  /** Events that were taken by an endpoint that takes everything. */
  events: number;
  /** Webhooks that were taken, and requests that were made for them. */
  deliveries: number;
  requests: number;
  providerFaults: number;
  unanswered: number;
  faults: Record<string, number>;
  troubles: Record<string, number>;
  doubled: number;
  looksAtTheLedger: number;
  drainedInMs: number;
  samples: { at10: Sample | null; end: Sample | null };
  trends: Record<string, Trend | null>;
  /** What is not right, a sentence each. */
  wrong: string[];
}

const SHOWN = 30;

export function countTroubles(troubles: readonly Trouble[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { what } of troubles) counts[what] = (counts[what] ?? 0) + 1;
  return counts;
}

export function printReport(report: Report): string {
  const { samples, trends, wrong } = report;
  const perSecond = (count: number) => (count / report.minutes / 60).toFixed(1);
  const lines = [
    row("time", `${report.minutes} minutes, ${report.rate} events published a second`),
    row(
      "events",
      `${report.events} (${perSecond(report.events)}/s): ${report.published} published, ${report.written} messages in, the rest what came of them`,
    ),
    row(
      "deliveries",
      `${report.deliveries} (${perSecond(report.deliveries)}/s) by ${report.requests} requests, ${report.doubled} of them doubled`,
    ),
    row("sends", words(report.sent)),
    row("troubles", words(report.troubles)),
    row("at the provider", `${report.providerFaults} faults`),
    row(
      "callers",
      `${report.unanswered} requests unanswered and repeated; faults: ${words(report.faults)}`,
    ),
    row("ledger", `compared ${report.looksAtTheLedger} times`),
    row("in the end", `everything delivered ${(report.drainedInMs / 1000).toFixed(1)} s later`),
    ...([samples.at10, samples.end] as const).flatMap((each) => (each ? [sampleRow(each)] : [])),
    ...Object.entries(trends).flatMap(([name, trend]) =>
      trend
        ? [
            row(
              name,
              `${trend.early.toFixed(0)} → ${trend.late.toFixed(0)} MB${trend.isFlat ? "" : ", rising"}`,
            ),
          ]
        : [],
    ),
    "",
    wrong.length === 0 ? "Nothing was lost, and everything adds up." : "Not right:",
    ...wrong.slice(0, SHOWN).map((each) => `- ${each}`),
    ...(wrong.length > SHOWN ? [`- and ${wrong.length - SHOWN} more`] : []),
  ];
  return lines.join("\n");
}

function sampleRow({ minute, steady, unlucky, database, disk, log, partitions }: Sample): string {
  const mb = (value: number | null) => (value === null ? "?" : value.toFixed(0));
  return row(
    `minute ${minute.toFixed(0)}`,
    `MB: the servers ${mb(steady)} and ${mb(unlucky)}, PostgreSQL ${mb(database)}, disk ${mb(disk)} (write-ahead log ${mb(log)}); ${partitions} partitions`,
  );
}

function words(counts: Record<string, number>): string {
  const entries = Object.entries(counts);
  return entries.length === 0
    ? "none"
    : entries.map(([name, count]) => `${name} ${count}`).join(", ");
}

function row(name: string, text: string): string {
  return `${name.padEnd(18)}${text}`;
}
