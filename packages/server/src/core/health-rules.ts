/** How the instance stands, as `readQueueGauges` and the process that answers have it. */
export interface Standing {
  retryRows: number;
  /** Of these, what waits for the one before it in its conversation. */
  parkedRows: number;
  /** Requests to endpoints that are under way in the process that answers. */
  inFlight: number;
  /** Deliveries of the last day's events that became dead letters, counted up to 10,000. */
  deadLetters: number;
  /** Endpoints that stand still or are hopelessly late, and how old the oldest of it is. */
  endpointsBehind: number;
  behindSeconds: number;
  /** Processes that were declared dead in the last day. */
  lostProcesses: number;
  retryOrphans: number;
  oldestDueSeconds: number;
  outboxInDoubt: number;
  outboxOldestDueSeconds: number;
  insertFloorAgeSeconds: number;
  settledFloorAgeSeconds: number;
  livingProcesses: number;
  partitionDaysAhead: number;
  /** How far this process's clock is from the database's. */
  clockOffsetSeconds: number;
  /** Processes that have not applied the newest configuration. */
  lateProcesses: number;
  /** How long the instance has held back deliveries or messages. */
  heldSeconds: number;
  /** The process that answers sends webhooks itself: no thread for them starts. */
  isWithoutSendingThread: boolean;
}

export type HealthLevel = "ok" | "warning" | "critical";

export interface HealthEntry {
  name: string;
  level: HealthLevel;
  value: number;
  unit: "seconds" | "rows" | "days" | "processes" | "messages" | "deliveries";
  /** What it is, in words. */
  detail: string;
  /** What to do about it; null while it is well. */
  advice: string | null;
}

interface Rule {
  name: string;
  unit: HealthEntry["unit"];
  detail: string;
  value(standing: Standing): number;
  /** From here on it is a warning, and from there on critical; the other way round where `isLeast`. */
  warning: number;
  critical: number;
  isLeast?: boolean;
  advice: string;
}

const RULES: readonly Rule[] = [
  {
    name: "oldest_due",
    unit: "seconds",
    detail: "How long the delivery that has been due longest has been due",
    value: (s) => s.oldestDueSeconds,
    ...{ warning: 60, critical: 600 },
    advice:
      "Deliveries leave more slowly than they come due: look for slow endpoints, then add a process.",
  },
  {
    name: "retry_rows",
    unit: "rows",
    detail: "Deliveries that wait for an attempt",
    value: (s) => s.retryRows,
    ...{ warning: 500_000, critical: 5_000_000 },
    advice:
      "Find the endpoints that fail, and pause or disable them: their events stay in the log.",
  },
  {
    name: "retry_orphans",
    unit: "rows",
    detail: "Deliveries whose process is gone and that nobody has taken over",
    value: (s) => s.retryOrphans,
    ...{ warning: 1, critical: 10_000 },
    advice:
      "They are taken over within seconds while a process lives. If they stay, look into the log for failed rounds.",
  },
  {
    name: "insert_floor_age",
    unit: "seconds",
    detail: "How far the log can be read, behind now",
    value: (s) => s.insertFloorAgeSeconds,
    ...{ warning: 10, critical: 60 },
    advice:
      "A process holds an accept open, or its clock is behind: look for long transactions in pg_stat_activity.",
  },
  {
    name: "settled_floor_age",
    unit: "seconds",
    detail: "How long the oldest first attempt has been carried in memory",
    value: (s) => s.settledFloorAgeSeconds,
    ...{ warning: 60, critical: 600 },
    advice:
      "Outcomes are not written: look at the database's disk and locks, and for a dead process that nobody recovers.",
  },
  {
    name: "parked_rows",
    unit: "rows",
    detail: "Deliveries that wait for the one before them in their conversation",
    value: (s) => s.parkedRows,
    ...{ warning: 10_000, critical: 1_000_000 },
    advice:
      "An endpoint that wants its conversations in order fails: look at its health, pause it, or give it a shorter schedule.",
  },
  {
    name: "in_flight",
    unit: "deliveries",
    detail: "Requests to endpoints that are under way in this process",
    value: (s) => s.inFlight,
    ...{ warning: 1_500, critical: 2_000 },
    advice:
      "Endpoints answer slowly and use up the places for requests: find them, or add a process.",
  },
  {
    name: "dead_letters",
    unit: "deliveries",
    detail: "Deliveries of the last day's events that became dead letters, counted up to 10,000",
    value: (s) => s.deadLetters,
    ...{ warning: 1, critical: 10_000 },
    advice:
      "GET /v1/dead-letters/causes says why, by status and error. Replay them when their endpoints are well.",
  },
  {
    name: "behind",
    unit: "seconds",
    detail: "Age of the oldest event that waits in the log for an endpoint that stands still",
    value: (s) => (s.endpointsBehind > 0 ? s.behindSeconds : 0),
    ...{ warning: 86_400, critical: 7 * 86_400 },
    advice:
      "Resume or delete the endpoint: what waits is cancelled when its body is kept no longer (CURLEW_PAYLOAD_DAYS, else CURLEW_RETENTION_DAYS).",
  },
  {
    name: "lost_processes",
    unit: "processes",
    detail:
      "Processes that were declared dead in the last day: killed, or not heard for five seconds",
    value: (s) => s.lostProcesses,
    ...{ warning: 1, critical: 20 },
    advice:
      "What they carried was attempted again. Look for kills by memory limits, and for pauses of machine, network or database.",
  },
  {
    name: "living_processes",
    unit: "processes",
    detail: "Processes whose heart beats",
    value: (s) => s.livingProcesses,
    ...{ warning: 0, critical: 0, isLeast: true },
    advice: "Nothing beats: start a process.",
  },
  {
    name: "late_processes",
    unit: "processes",
    detail: "Processes that have not applied the newest configuration",
    value: (s) => s.lateProcesses,
    ...{ warning: 1, critical: 3 },
    advice:
      "They apply it with their next heartbeat. If it stays, restart the process that is late.",
  },
  {
    name: "partition_days_ahead",
    unit: "days",
    detail: "Days after today whose tables are ready",
    value: (s) => s.partitionDaysAhead,
    ...{ warning: 3, critical: 0, isLeast: true },
    advice:
      "Housekeeping fails: without a table for the day nothing can be accepted. The log says why.",
  },
  {
    name: "clock_offset",
    unit: "seconds",
    detail: "How far this process's clock is from the database's",
    value: (s) => Math.abs(s.clockOffsetSeconds),
    ...{ warning: 5, critical: 60 },
    advice: "The database's clock is followed. Set the machine's clock by NTP.",
  },
  {
    name: "without_sending_thread",
    unit: "processes",
    detail: "Whether this process sends webhooks itself because no thread for them starts",
    value: (s) => (s.isWithoutSendingThread ? 1 : 0),
    ...{ warning: 1, critical: Number.POSITIVE_INFINITY },
    advice:
      "Deliveries leave, more slowly. The log says why the thread does not start: mend it, and restart the process.",
  },
  {
    name: "held",
    unit: "seconds",
    detail: "How long deliveries or messages have been held back by the instance",
    value: (s) => s.heldSeconds,
    ...{ warning: Number.MIN_VALUE, critical: Number.POSITIVE_INFINITY },
    advice:
      "What was restored may have been sent already. Decide what is to leave: curlew resume says how.",
  },
  {
    name: "messages_in_doubt",
    unit: "messages",
    detail: "Messages of which nobody knows whether they left",
    value: (s) => s.outboxInDoubt,
    ...{ warning: 10, critical: 1_000 },
    advice:
      "They wait for the provider's word and are never sent twice. Many at once: look at the provider's status page.",
  },
  {
    name: "outbox_oldest_due",
    unit: "seconds",
    detail: "How long the message that is to leave next has been due",
    value: (s) => s.outboxOldestDueSeconds,
    ...{ warning: 60, critical: 600 },
    advice: "Look for channels that are paused or limited by their provider.",
  },
];

/** Every entry of the health page, the worst first. */
export function judgeHealth(standing: Standing): HealthEntry[] {
  const entries = RULES.map((rule): HealthEntry => {
    const { name, unit, detail, advice } = rule;
    const value = rule.value(standing);
    const level = levelOf(value, rule);
    return { name, level, value, unit, detail, advice: level === "ok" ? null : advice };
  });
  return entries.sort((a, b) => ORDER.indexOf(a.level) - ORDER.indexOf(b.level));
}

const ORDER: readonly HealthLevel[] = ["critical", "warning", "ok"];

function levelOf(value: number, { warning, critical, isLeast = false }: Rule): HealthLevel {
  if (isLeast ? value <= critical : value >= critical) return "critical";
  return (isLeast ? value <= warning : value >= warning) ? "warning" : "ok";
}
