import {
  type Context,
  context,
  ProxyTracerProvider,
  propagation,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
} from "@opentelemetry/api";
import type { ProviderHttp } from "../../core/outside/provider-http.ts";
import type { TracePlace, Tracing } from "../../core/outside/tracing.ts";

const KINDS = {
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  internal: SpanKind.INTERNAL,
} as const;

/**
 * OpenTelemetry, where the operator has registered an SDK before us (`NODE_OPTIONS=--import …`); null
 * otherwise, and then nothing is made for it anywhere.
 */
export function findTracing(version: string): Tracing | null {
  const provider = trace.getTracerProvider();
  const tracer =
    provider instanceof ProxyTracerProvider
      ? provider.getDelegateTracer("curlew", version)
      : provider.getTracer("curlew", version);
  if (tracer === undefined) return null;
  return {
    begin(name, { kind, within, about = {} }) {
      const parent = within === undefined ? context.active() : contextOf(within);
      const span = tracer.startSpan(name, { kind: KINDS[kind], attributes: about }, parent);
      return {
        place: trace.setSpan(parent, span),
        end({ name: better, about: more, failure = null } = {}) {
          if (better !== undefined) span.updateName(better);
          if (more) span.setAttributes(more);
          if (failure !== null) span.setStatus({ code: SpanStatusCode.ERROR, message: failure });
          span.end();
        },
      };
    },
    here: () => context.active(),
    at: (place, work) => context.with(contextOf(place), work),
    from: (headers) => propagation.extract(ROOT_CONTEXT, headers),
  };
}

/** Every request to a provider is a step of what asked for it. */
export function traceProviders(tracing: Tracing | null, http: ProviderHttp): ProviderHttp {
  if (tracing === null) return http;
  return {
    async request(request) {
      const { hostname } = new URL(request.url);
      const step = tracing.begin(`${request.method} ${hostname}`, {
        kind: "client",
        about: { "http.request.method": request.method, "server.address": hostname },
      });
      const answer = await http.request(request);
      const status = answer.kind === "response" ? answer.status : null;
      step.end({
        ...(status === null ? {} : { about: { "http.response.status_code": status } }),
        failure:
          answer.kind === "failed"
            ? answer.error
            : status !== null && status >= 400
              ? `${status}`
              : null,
      });
      return answer;
    },
  };
}

function contextOf(place: TracePlace | null): Context {
  return place === null ? ROOT_CONTEXT : (place as Context); // places are made here alone
}
