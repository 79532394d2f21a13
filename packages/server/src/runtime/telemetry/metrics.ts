import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { FailureKind } from "../network/failures.ts";

export type SettleOutcome = "delivered" | "retried" | "dead" | "cancelled";
/** `refused`: answered, but not with success; `failed`: one or the other, where nobody asks which. */
export type AttemptOutcome = "delivered" | "refused" | "failed" | FailureKind;
export type QueuePlace = "memory" | "in_flight" | "retry";
export type OutboxState = "queued" | "sending" | "in_doubt";
/** Why something was not taken although nothing was wrong with it. */
export type RefusalReason =
  | "overload"
  | "slow_body"
  | "workspace_share"
  | "workspace_rate"
  | "workspace_disk";
export type ProviderOutcome = "sent" | "refused" | "retryable" | "in_doubt" | "not_written";
export type MediaOutcome = "stored" | "failed" | "retried";
export type InboundOutcome =
  | "accepted"
  | "duplicate"
  | "unsupported"
  | "unroutable"
  /** Nothing that a business messages about: a like, a post of its own, a new profile picture. */
  | "ignored"
  /** It was not signed by who it says it is. */
  | "failed"
  /** It is for a number that nobody has connected, so nobody can say whether it is authentic. */
  | "unknown_channel";

/** What is sampled rather than counted; `GAUGES` says what each of them means. */
export type Watched = keyof typeof GAUGES;

/** Labels are bound once; each of these costs a fraction of a microsecond. */
export interface Metrics {
  accepted(events: number): void;
  settled(outcome: SettleOutcome, deliveries?: number): void;
  dead(cause: string, deliveries?: number): void;
  /** Outcomes that could not be recorded: their day is closed, or the database refused them. */
  dropped(reason: string, deliveries?: number): void;
  attempt(outcome: AttemptOutcome, seconds: number): void;
  queueDepth(place: QueuePlace, deliveries: number): void;
  outbox(state: OutboxState, messages: number): void;
  /** Answered 429 or 503: there was no room. */
  refused(reason: RefusalReason): void;
  /** `statement` is a prepared statement's name: one of a fixed set. */
  database(statement: string, seconds: number): void;
  /** `route` is the route's pattern, never a path with ids in it. */
  http(route: string, method: string, status: number, seconds: number): void;
  inbound(channel: string, outcome: InboundOutcome, items?: number): void;
  provider(channel: string, outcome: ProviderOutcome): void;
  /** Files of messages; `bytes` of those that are stored. */
  media(channel: string, outcome: MediaOutcome, bytes: number): void;
  fenced(): void;
  unroutable(items?: number): void;
  watch(what: Watched, value: number): void;
  /** Runs before each exposition: the place to set what is only worth knowing when asked. */
  onScrape(sample: () => void): void;
  readonly contentType: string;
  /** Prometheus' text format. */
  text(): Promise<string>;
}

const GAUGES = {
  oldest_due_seconds: "How long the oldest delivery that is due has been due",
  insert_floor_age_seconds: "Age of the lowest insert floor of the living processes",
  settled_floor_age_seconds: "Age of the lowest settled floor",
  endpoints_behind: "Endpoints that collect in the log, or catch up with it",
  behind_seconds: "Age of the oldest event that waits in the log alone",
  retry_orphans: "Retry rows whose owner is not alive",
  partition_days_ahead: "Days for which partitions exist ahead of today",
  configuration_lag_seconds: "How long the slowest process has not seen the latest configuration",
  clock_offset_seconds: "How far database time is ahead of this machine's clock",
  clock_suspect_offset_seconds: "How far off a sample of database time is that is not believed yet",
  media_waiting: "Files that wait to be fetched from providers",
  media_oldest_seconds: "How long the oldest of them has waited",
  parked_rows: "Deliveries that wait for the one before them in their conversation",
  living_processes: "Processes whose heart beats",
  late_processes: "Processes that have not applied the newest configuration",
  outbox_oldest_due_seconds: "How long the message that is to leave next has been due",
  accept_waiting: "Units that wait for a transaction to take them, in this process",
  requests_waiting: "Requests that wait for their workspace's turn, in this process",
  database_bytes: "Size of the database",
  disk_free_bytes: "What is free where the embedded database lives",
} as const;

const FAST = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
const METHODS = new Set(["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]);

/** A registry of its own with everything that Curlew measures, and Node's process metrics. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });

  const counter = (name: string, help: string, ...labelNames: string[]) =>
    new Counter({ name: `curlew_${name}`, help, labelNames, registers });
  const histogram = (name: string, help: string, ...labelNames: string[]) =>
    new Histogram({ name: `curlew_${name}`, help, labelNames, buckets: FAST, registers });
  const gauge = (name: string, help: string, ...labelNames: string[]) =>
    new Gauge({ name: `curlew_${name}`, help, labelNames, registers });

  const accepted = counter("events_accepted_total", "Events committed");
  const settled = counter("deliveries_settled_total", "Outcomes recorded", "outcome");
  const dead = counter("deliveries_dead_total", "Dead letters by cause", "cause");
  const dropped = counter("outcomes_dropped_total", "Outcomes not recorded, by reason", "reason");
  const attempts = histogram("attempt_duration_seconds", "Time of an attempt", "outcome");
  const outbox = gauge("outbox_messages", "Messages that wait or are under way", "state");
  const refused = counter("refused_total", "Requests for which there was no room", "reason");
  const depth = gauge("queue_depth", "Deliveries that wait or are under way", "place");
  const database = histogram("database_seconds", "Time of a statement", "statement");
  const requests = counter("http_requests_total", "Requests", "route", "method", "status");
  const durations = histogram("http_duration_seconds", "Time to answer a request", "route");
  const inbound = counter("inbound_items_total", "Items from providers", "channel", "outcome");
  const provider = counter(
    "provider_requests_total",
    "Requests to providers",
    "channel",
    "outcome",
  );
  const media = counter("media_total", "Files of messages", "channel", "outcome");
  const mediaBytes = counter("media_bytes_total", "Bytes of files stored", "channel");
  const fenced = counter("fenced_total", "Times this process found itself declared dead");
  const unroutable = counter("unroutable_total", "Inbound items that belong to no channel");

  const settledBy = bound((outcome) => settled.labels(outcome));
  const deadBy = bound((cause) => dead.labels(cause));
  const droppedBy = bound((reason) => dropped.labels(reason));
  const attemptsBy = bound((outcome) => attempts.labels(outcome));
  const depthOf = bound((place) => depth.labels(place));
  const outboxOf = bound((state) => outbox.labels(state));
  const refusedBy = bound((reason) => refused.labels(reason));
  const databaseBy = bound((statement) => database.labels(statement));
  const requestsBy = bound((route, method, status) => requests.labels(route, method, status));
  const durationsBy = bound((route) => durations.labels(route));
  const inboundBy = bound((channel, outcome) => inbound.labels(channel, outcome));
  const mediaBy = bound((channel, outcome) => media.labels(channel, outcome));
  const providerBy = bound((channel, outcome) => provider.labels(channel, outcome));
  const watched = new Map(Object.entries(GAUGES).map(([name, help]) => [name, gauge(name, help)]));
  const samples: (() => void)[] = [];

  return {
    accepted: (events) => accepted.inc(events),
    settled: (outcome, deliveries = 1) => settledBy(outcome).inc(deliveries),
    dead: (cause, deliveries = 1) => deadBy(cause).inc(deliveries),
    dropped: (reason, deliveries = 1) => droppedBy(reason).inc(deliveries),
    attempt: (outcome, seconds) => attemptsBy(outcome).observe(seconds),
    queueDepth: (place, deliveries) => depthOf(place).set(deliveries),
    outbox: (state, messages) => outboxOf(state).set(messages),
    refused: (reason) => refusedBy(reason).inc(),
    database: (statement, seconds) => databaseBy(statement).observe(seconds),
    http(route, method, status, seconds) {
      requestsBy(route, METHODS.has(method) ? method : "other", String(status)).inc();
      durationsBy(route).observe(seconds);
    },
    inbound: (channel, outcome, items = 1) => inboundBy(channel, outcome).inc(items),
    provider: (channel, outcome) => providerBy(channel, outcome).inc(),
    media(channel, outcome, bytes) {
      mediaBy(channel, outcome).inc();
      if (bytes > 0) mediaBytes.labels(channel).inc(bytes);
    },
    fenced: () => fenced.inc(),
    unroutable: (items = 1) => unroutable.inc(items),
    watch: (what, value) => watched.get(what)?.set(value),
    onScrape: (sample) => void samples.push(sample),
    contentType: registry.contentType,
    async text() {
      for (const sample of samples) sample();
      return registry.metrics();
    },
  };
}

/** Finds the child of a metric for given labels without making it anew each time. */
function bound<L extends string[], Child>(make: (...labels: L) => Child): (...labels: L) => Child {
  const children = new Map<string, Child>();
  return (...labels) => {
    const key = labels.length === 1 ? (labels[0] ?? "") : labels.join("\n");
    let child = children.get(key);
    if (child === undefined) {
      child = make(...labels);
      children.set(key, child);
    }
    return child;
  };
}
