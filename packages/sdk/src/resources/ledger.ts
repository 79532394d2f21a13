import type { Page, PageQuery } from "../calls/page.ts";
import type { RequestOptions, Transport } from "../calls/transport.ts";

/** What became of deliveries: `targeted` is the sum of the rest. */
export interface LedgerCounts {
  targeted: number;
  delivered: number;
  /** Under way, or waiting for an attempt. */
  pending: number;
  dead: number;
  cancelled: number;
}

/** One day of one endpoint. */
export interface LedgerDay extends LedgerCounts {
  day: string;
  endpoint_id: string;
}

export interface Ledger extends Page<LedgerDay> {
  /** Of everything that was asked for, not of this page alone. */
  totals: LedgerCounts & { retrying: number };
  /** Of the whole workspace; null where an endpoint or account is asked for. */
  events: { accepted: number; unwanted: number } | null;
}

export interface LedgerQuery extends PageQuery {
  endpoint_id?: string;
  /** Days, such as `2026-11-21`; the last seven when absent. */
  from?: string;
  to?: string;
}

/** Right to about a tenth; null where nothing was counted. */
export type Percentiles = { p50_ms: number; p95_ms: number; p99_ms: number } | null;

/** Requests that were made in a time. */
export interface SeriesAttempts {
  delivered: number;
  failed: number;
  slow: number;
  /** How long one took. */
  answer: Percentiles;
  /** From the event to its delivery. */
  arrival: Percentiles;
}

interface SeriesCounts extends LedgerCounts {
  /** Events of the whole workspace; null where an endpoint or account is asked for. */
  accepted: number | null;
  attempts: SeriesAttempts;
}

export interface SeriesPoint extends SeriesCounts {
  /** The beginning of the minute, hour or day, UTC. */
  at: string;
  endpoint_id: string | null;
}

/** All points together. */
export interface SeriesTotals extends SeriesCounts {
  /** Of what was accepted: kept, though no endpoint wanted it. */
  unwanted: number | null;
  /** Of what is pending: has failed, and waits for another attempt. */
  retrying: number;
}

export interface Series {
  step: "minute" | "hour" | "day";
  from: string;
  /** Not included. */
  to: string;
  totals: SeriesTotals;
  data: SeriesPoint[];
}

export interface SeriesQuery {
  /** `minute` for the last three hours. */
  step?: "minute" | "hour" | "day";
  /** RFC 3339. */
  from?: string;
  to?: string;
  endpoint_id?: string;
  /** A point for each endpoint that had something. */
  by?: "endpoint";
}

/** What became of everything that was to be delivered, by day and endpoint. */
export function ledgerCall(call: Transport) {
  return (query?: LedgerQuery, options?: RequestOptions) =>
    call<Ledger>({ method: "GET", path: ["ledger"], query, options });
}

/** The same over time, with failed requests and latency. */
export function seriesCall(call: Transport) {
  return (query?: SeriesQuery, options?: RequestOptions) =>
    call<Series>({ method: "GET", path: ["series"], query, options });
}
