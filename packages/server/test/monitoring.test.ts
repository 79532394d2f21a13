import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { judgeHealth } from "../src/core/health-rules.ts";
import type { FailureKind } from "../src/runtime/network/failures.ts";
import {
  type AttemptOutcome,
  createMetrics,
  type InboundOutcome,
  type OutboxState,
  type ProviderOutcome,
  type QueuePlace,
  type RefusalReason,
  type SettleOutcome,
  type Watched,
} from "../src/runtime/telemetry/metrics.ts";
import { readDocument as read } from "./support/project/documents.ts";
import { type Expression, readExpression } from "./support/project/promql.ts";

interface Rule {
  alert: string;
  expr: string;
  for?: string;
  labels: { severity: string };
  annotations: { summary: string; description: string };
}

interface Panel {
  type: string;
  title: string;
  description?: string;
  gridPos: { x: number; y: number; w: number; h: number };
  targets?: { expr: string; legendFormat: string; refId: string }[];
}

const rules: Rule[] = parse(read("deploy/monitoring/alerts.yaml")).groups.flatMap(
  (group: { rules: Rule[] }) => group.rules,
);
const dashboard = JSON.parse(read("deploy/monitoring/grafana-dashboard.json"));
const panels: Panel[] = dashboard.panels;
const targets = panels.flatMap(({ title, targets = [] }) =>
  targets.map(({ expr }) => [title, expr] as const),
);

/** Labels that Prometheus adds to whatever it reads. */
const ADDED = ["job", "instance"];

describe("the alerts", () => {
  test.each(rules.map(({ alert, expr }) => [alert, expr]))(
    "%s asks for metrics that there are, with labels and values that they have",
    async (_, expr) => {
      expect(faultsOf(readExpression(expr), await exposed())).toEqual([]);
    },
  );

  test("each say what is the matter and what to do, and how grave it is", () => {
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
    for (const { alert, annotations, labels } of rules) {
      expect(["info", "warning", "critical"], alert).toContain(labels.severity);
      expect(annotations.summary, alert).not.toBe("");
      expect(annotations.description, alert).toMatch(/\.$/);
    }
  });

  test("name labels in their words that their expressions keep", () => {
    for (const { alert, expr, annotations } of rules) {
      const { grouping } = readExpression(expr);
      const named = [...annotations.summary.matchAll(/\$labels\.(\w+)/g)].map(([, name]) => name);
      expect(
        named.filter((name) => !grouping.includes(name ?? "")),
        alert,
      ).toEqual([]);
    }
  });

  test("are all explained in the guide, under their names", () => {
    const guide = read("docs/guides/monitoring.md");
    expect(rules.filter(({ alert }) => !guide.includes(`| \`${alert}\` |`))).toEqual([]);
  });

  test("name routes and settings as they are", () => {
    const words = rules.map(({ annotations }) => annotations.description).join("\n");
    const settings = read("packages/server/src/config/config.ts");
    const named = words.match(/CURLEW_[A-Z_]*[A-Z]/g) ?? [];
    expect(named.length).toBeGreaterThan(2);
    expect(named.filter((name) => !settings.includes(`  ${name}: `))).toEqual([]);
  });
});

describe("the dashboard", () => {
  test.each(targets)("%s asks for metrics that there are: %s", async (_, expr) => {
    expect(faultsOf(readExpression(expr), await exposed())).toEqual([]);
  });

  test("lays its panels out without one upon another", () => {
    const cells = new Map<string, string>();
    for (const { title, gridPos } of panels) {
      const { x, y, w, h } = gridPos;
      expect(x + w, title).toBeLessThanOrEqual(24);
      for (let cx = x; cx < x + w; cx++) {
        for (let cy = y; cy < y + h; cy++) {
          expect(cells.get(`${cx} ${cy}`), `${title} lies upon it`).toBeUndefined();
          cells.set(`${cx} ${cy}`, title);
        }
      }
    }
  });

  test("says of each panel what it shows, and names no data source of ours", () => {
    for (const { type, title, description } of panels) {
      expect(title).not.toBe("");
      if (type !== "row") expect(description, title).toBeTruthy();
    }
    const sources = [...JSON.stringify(dashboard).matchAll(/"uid":"([^"]*)"/g)].map(
      ([, uid]) => uid,
    );
    expect(new Set(sources)).toEqual(new Set(["curlew", "$" + "{datasource}"]));
  });
});

describe("what engine and operator want to know", () => {
  test("is a metric each, and an entry on the health page with what to do", () => {
    const gauges: readonly Watched[] = [
      ...(["insert_floor_age_seconds", "settled_floor_age_seconds", "retry_orphans"] as const),
      ...(["partition_days_ahead", "configuration_lag_seconds", "clock_offset_seconds"] as const),
      ...(["oldest_due_seconds", "parked_rows"] as const),
    ];
    expect(gauges).toHaveLength(8);
    const entries = judgeHealth({
      ...{ retryRows: 9e9, parkedRows: 9e9, inFlight: 9e9, deadLetters: 9e9, endpointsBehind: 9e9 },
      ...{ behindSeconds: 9e9, lostProcesses: 9e9, retryOrphans: 9e9, oldestDueSeconds: 9e9 },
      ...{ outboxInDoubt: 9e9, outboxOldestDueSeconds: 9e9, insertFloorAgeSeconds: 9e9 },
      ...{ settledFloorAgeSeconds: 9e9, livingProcesses: 0, partitionDaysAhead: 0 },
      ...{
        clockOffsetSeconds: 9e9,
        lateProcesses: 9e9,
        heldSeconds: 9e9,
        isWithoutSendingThread: true,
      },
    });
    expect(entries.every(({ level, advice }) => level !== "ok" && advice !== null)).toBe(true);
    expect(entries.map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        ...["insert_floor_age", "settled_floor_age", "lost_processes", "retry_orphans"],
        ...["partition_days_ahead", "late_processes", "clock_offset", "oldest_due", "in_flight"],
        ...["dead_letters", "parked_rows"],
      ]),
    );
  });
});

test("the check itself sees a metric, a label and a value that there are not", async () => {
  const metrics = await exposed();
  const faults = (expr: string) => faultsOf(readExpression(expr), metrics);
  expect(faults("rate(curlew_events_acepted_total[5m])")).toEqual([
    "there is no curlew_events_acepted_total",
  ]);
  expect(faults('curlew_queue_depth{plaec="retry"}')).toEqual(["curlew_queue_depth has no plaec"]);
  expect(faults('curlew_queue_depth{place="retyr"}')).toEqual(["place is never retyr"]);
  expect(faults("sum by (nowhere) (curlew_queue_depth)")).toEqual(["nothing has nowhere"]);
  expect(() => readExpression("sum by (rate(x[5m])")).toThrow("no PromQL");
});

type Exposed = ReadonlyMap<string, ReadonlyMap<string, ReadonlySet<string>>>;

function faultsOf({ asked, grouping }: Expression, metrics: Exposed): string[] {
  const faults: string[] = [];
  const known = new Set(ADDED);
  for (const { metric, matchers } of asked) {
    const labels = metrics.get(metric);
    if (!labels) {
      faults.push(`there is no ${metric}`);
      continue;
    }
    for (const label of labels.keys()) known.add(label);
    for (const { label, operator, value } of matchers) {
      if (ADDED.includes(label)) continue;
      const values = labels.get(label);
      const isIt = (each: string) =>
        operator.endsWith("~") ? new RegExp(`^(?:${value})$`).test(each) : each === value;
      if (!values) faults.push(`${metric} has no ${label}`);
      else if (![...values].some(isIt)) faults.push(`${label} is never ${value}`);
    }
  }
  for (const label of grouping) if (!known.has(label)) faults.push(`nothing has ${label}`);
  return faults;
}

/** Every metric that a registry exposes which has seen everything: its labels, and their values. */
async function exposed(): Promise<Exposed> {
  const metrics = createMetrics();
  const each = <T extends string>(all: Record<T, true>) => Object.keys(all) as T[]; // its own keys
  metrics.accepted(1);
  metrics.fenced();
  metrics.unroutable(1);
  metrics.database("settle_first", 0.01);
  metrics.dead("5xx");
  metrics.dropped("unwritable");
  for (const status of [200, 422, 500]) metrics.http("/v1/events", "POST", status, 0.01);
  for (const outcome of each(SETTLED)) metrics.settled(outcome);
  for (const outcome of each(ATTEMPTED)) metrics.attempt(outcome, 0.1);
  for (const place of each(PLACES)) metrics.queueDepth(place, 1);
  for (const state of each(OUTBOX)) metrics.outbox(state, 1);
  for (const reason of each(REFUSED)) metrics.refused(reason);
  for (const outcome of each(INBOUND)) metrics.inbound("whatsapp", outcome);
  for (const outcome of each(PROVIDER)) metrics.provider("whatsapp", outcome);
  const found = new Map<string, Map<string, Set<string>>>();
  for (const line of (await metrics.text()).split("\n")) {
    const [, name, labels = ""] = /^([a-z_]\w*)(?:\{(.*)\})? \S+$/i.exec(line) ?? [];
    if (name === undefined) continue;
    const known = found.get(name) ?? new Map<string, Set<string>>();
    for (const [, label = "", value = ""] of labels.matchAll(/(\w+)="([^"]*)"/g)) {
      known.set(label, (known.get(label) ?? new Set()).add(value));
    }
    found.set(name, known);
  }
  return found;
}

const SETTLED: Record<SettleOutcome, true> = {
  ...{ delivered: true, retried: true, dead: true, cancelled: true },
};
const FAILED: Record<FailureKind, true> = {
  ...{ blocked_address: true, dns: true, connect: true, tls: true, timeout: true, reset: true },
  ...{ closed: true, auth: true, protocol: true, other: true },
};
const ATTEMPTED: Record<AttemptOutcome, true> = {
  ...{ ...FAILED, delivered: true, refused: true, failed: true },
};
const PLACES: Record<QueuePlace, true> = { memory: true, in_flight: true, retry: true };
const OUTBOX: Record<OutboxState, true> = { queued: true, sending: true, in_doubt: true };
const REFUSED: Record<RefusalReason, true> = {
  ...{ overload: true, slow_body: true },
  ...{ workspace_share: true, workspace_rate: true, workspace_disk: true },
};
const INBOUND: Record<InboundOutcome, true> = {
  ...{ accepted: true, duplicate: true, unsupported: true, unroutable: true, failed: true },
  ...{ unknown_channel: true, ignored: true },
};
const PROVIDER: Record<ProviderOutcome, true> = {
  ...{ sent: true, refused: true, retryable: true, in_doubt: true, not_written: true },
};
