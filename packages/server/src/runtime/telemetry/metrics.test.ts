import { describe, expect, test } from "vitest";
import { createMetrics } from "./metrics.ts";

describe("the exposition", () => {
  test("shows everything that was counted and measured", async () => {
    const metrics = createMetrics();
    metrics.accepted(3);
    metrics.settled("delivered");
    metrics.settled("retried", 4);
    metrics.dead("gone");
    metrics.dropped("closed_day");
    metrics.attempt("delivered", 0.004);
    metrics.attempt("timeout", 15);
    metrics.queueDepth("in_flight", 7);
    metrics.outbox("in_doubt", 2);
    metrics.refused("workspace_rate");
    metrics.watch("oldest_due_seconds", 1.5);
    metrics.database("settle", 0.002);
    metrics.http("/v1/events", "POST", 202, 0.003);
    metrics.http("/v1/events", "BREW", 405, 0.001);
    metrics.inbound("whatsapp", "accepted", 2);
    metrics.provider("whatsapp", "in_doubt");
    metrics.fenced();
    metrics.unroutable();
    const text = await metrics.text();
    for (const line of [
      "curlew_events_accepted_total 3",
      'curlew_deliveries_settled_total{outcome="delivered"} 1',
      'curlew_deliveries_settled_total{outcome="retried"} 4',
      'curlew_deliveries_dead_total{cause="gone"} 1',
      'curlew_outcomes_dropped_total{reason="closed_day"} 1',
      'curlew_attempt_duration_seconds_bucket{le="0.0025",outcome="delivered"} 0',
      'curlew_attempt_duration_seconds_bucket{le="0.005",outcome="delivered"} 1',
      'curlew_attempt_duration_seconds_count{outcome="timeout"} 1',
      'curlew_queue_depth{place="in_flight"} 7',
      'curlew_outbox_messages{state="in_doubt"} 2',
      'curlew_refused_total{reason="workspace_rate"} 1',
      "curlew_oldest_due_seconds 1.5",
      'curlew_database_seconds_sum{statement="settle"} 0.002',
      'curlew_http_requests_total{route="/v1/events",method="POST",status="202"} 1',
      'curlew_http_requests_total{route="/v1/events",method="other",status="405"} 1',
      'curlew_http_duration_seconds_count{route="/v1/events"} 2',
      'curlew_inbound_items_total{channel="whatsapp",outcome="accepted"} 2',
      'curlew_provider_requests_total{channel="whatsapp",outcome="in_doubt"} 1',
      "curlew_fenced_total 1",
      "curlew_unroutable_total 1",
    ]) {
      expect(text.split("\n")).toContain(line);
    }
  });

  test("holds the process's own metrics, and names the format", async () => {
    const metrics = createMetrics();
    expect(await metrics.text()).toMatch(/^process_cpu_seconds_total [\d.]+$/m);
    expect(metrics.contentType).toMatch(/^text\/plain; version=0\.0\.4/);
  });

  test("samples when it is asked", async () => {
    const metrics = createMetrics();
    let waiting = 5;
    metrics.onScrape(() => metrics.queueDepth("retry", waiting));
    expect(await metrics.text()).toContain('curlew_queue_depth{place="retry"} 5');
    waiting = 6;
    expect(await metrics.text()).toContain('curlew_queue_depth{place="retry"} 6');
  });
});

test("two of them know nothing of each other", async () => {
  const [one, other] = [createMetrics(), createMetrics()];
  one.accepted(1);
  expect(await other.text()).toContain("curlew_events_accepted_total 0");
});
