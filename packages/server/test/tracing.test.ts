import { context, propagation, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-base";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Tracing } from "../src/core/outside/tracing.ts";
import { createPublisher } from "../src/delivery/publishing/publish.ts";
import { eventRoutes } from "../src/http/events/events.ts";
import { findTracing, traceProviders } from "../src/runtime/telemetry/tracing.ts";
import { httpApp, jsonRequest, principalWith } from "./support/api/http.ts";
import { openTown, refused, type Town } from "./support/engine/town.ts";

const exporter = new InMemorySpanExporter();
const untraced = findTracing("1.0.0");

let town: Town;
let tracing: Tracing;
beforeAll(async () => {
  town = await openTown();
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  trace.setGlobalTracerProvider(provider);
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator({
    inject() {},
    fields: () => ["traceparent"],
    extract(into, carrier, getter) {
      const header = getter.get(carrier, "traceparent");
      const [, traceId = "", spanId = ""] = String(header).split("-");
      return header === undefined
        ? into
        : trace.setSpanContext(into, { traceId, spanId, traceFlags: 1, isRemote: true });
    },
  });
  const found = findTracing("1.0.0");
  if (!found) throw new Error("an SDK is registered and was not found");
  tracing = found;
});
afterAll(() => town.end());

/** One process, as it is asked over HTTP. */
async function openProcess(traced: Tracing | null) {
  const { clock, database } = town;
  const engine = await town.engine({ tracing: traced });
  const publish = createPublisher(engine.makeAcceptor);
  const app = httpApp({
    tracing: traced,
    principal: { ...principalWith(), workspaceId: town.workspaceId },
    routes: [
      eventRoutes({
        ...{ db: database.connections.pool, publish, clock, retentionMs: 90 * 86_400_000 },
        requireSchemas: async () => [],
        onFollowed() {},
      }),
    ],
  });
  const post = async (n: number) => {
    const init = jsonRequest("POST", { type: "order.shipped", data: { n } });
    const traceparent = `00-${traceOf(n)}-${String(n).repeat(16)}-01`;
    return app.request("/v1/events", { ...init, headers: { ...init.headers, traceparent } });
  };
  return { engine, app, post };
}

const traceOf = (n: number) => String(n).repeat(32);
const named = (name: string, traceId?: string): ReadableSpan[] =>
  exporter
    .getFinishedSpans()
    .filter((span) => span.name === name)
    .filter((span) => traceId === undefined || span.spanContext().traceId === traceId);

describe("tracing", () => {
  test("is not there when nobody has registered an SDK, and then nothing is begun", async () => {
    expect(untraced).toBeNull();
    const { engine, post } = await openProcess(null);
    expect((await post(9)).status).toBe(202);
    await engine.quiet();
    expect(exporter.getFinishedSpans()).toEqual([]);
  });

  test("follows each event from its request to its receipt, whatever shares its transaction", async () => {
    await town.endpoint();
    const { engine, post, app } = await openProcess(tracing);
    const answers = await Promise.all([1, 2, 3].map(post));
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 202]);
    await engine.quiet();
    for (const n of [1, 2, 3]) {
      const [request] = named("POST /v1/events", traceOf(n));
      const [accept] = named("accept publish", traceOf(n));
      const [attempt] = named("attempt", traceOf(n));
      expect(request?.parentSpanContext?.spanId).toBe(String(n).repeat(16));
      expect(request?.attributes).toMatchObject({
        "http.route": "/v1/events",
        "http.response.status_code": 202,
      });
      expect(accept?.parentSpanContext?.spanId).toBe(request?.spanContext().spanId);
      expect(attempt?.parentSpanContext?.spanId).toBe(accept?.spanContext().spanId);
      expect(attempt?.attributes).toMatchObject({
        "curlew.event.type": "order.shipped",
        "curlew.attempt": 1,
        "curlew.delivery.state": "delivered",
        "http.response.status_code": 200,
      });
      expect(attempt?.attributes["curlew.endpoint.id"]).toMatch(/^ep_/);
    }
    await app.request("/healthz");
    expect(named("GET /healthz")).toEqual([]);
  });

  test("marks what failed, and begins anew where memory has forgotten", async () => {
    exporter.reset();
    const { url } = await town.endpoint({ schedule: [60] });
    town.answers.set(url, () => refused(503));
    const { engine, post } = await openProcess(tracing);
    await post(4);
    await engine.quiet();
    const failed = named("attempt", traceOf(4)).find(({ status }) => status.message !== undefined);
    expect(failed?.status.message).toBe("503");
    expect(failed?.attributes["curlew.delivery.state"]).toBe("pending");

    town.answers.delete(url);
    await town.clock.advance(70_000);
    await engine.beatOnce();
    while ((await engine.retries.runOnce()) > 0) await engine.quiet();
    await engine.quiet();
    const again = named("attempt").find(({ attributes }) => attributes["curlew.attempt"] === 2);
    expect(again?.parentSpanContext).toBeUndefined();
  });

  test("makes what is asked of a provider a step of what asked for it", async () => {
    exporter.reset();
    const http = traceProviders(tracing, {
      request: async ({ url }) =>
        url.endsWith("/no")
          ? { kind: "failed", written: false, error: "dns", detail: "no such host" }
          : { kind: "response", status: 200, headers: {}, body: "" },
    });
    const step = tracing.begin("send", { kind: "internal", within: null });
    const ask = (path: string) =>
      http.request({
        ...{ method: "POST", url: `https://graph.example.com/${path}?access_token=secret` },
        ...{ headers: {}, deadlineMs: 1 },
      });
    await tracing.at(step.place, async () => {
      await Promise.resolve();
      await ask("me");
      await ask("no?").catch(() => {});
    });
    step.end();
    const [send] = named("send");
    const [asked] = named("POST graph.example.com");
    expect(asked?.parentSpanContext?.spanId).toBe(send?.spanContext().spanId);
    expect(asked?.attributes["http.response.status_code"]).toBe(200);
    expect(JSON.stringify(asked?.attributes)).not.toContain("secret");
  });
});
