import { useQuery } from "@tanstack/react-query";
import type { Shape } from "../../api/client.ts";
import { type Figure, Strip } from "../../parts/charts/strip.tsx";
import { number, percent, took, wait } from "../../words/format.ts";
import { overviewWords, partWords } from "../../words/index.ts";
import { useEndpoints } from "../deliveries/queries.ts";
import { queueQuery } from "./queries.ts";

const words = overviewWords.strip;
/** Later than this, and somebody should know. */
const LATE_S = 30;

type Percentiles = Shape<"Series">["totals"]["attempts"]["answer"];

/** What came in, how well and how fast it goes out, and what is late. */
export function Figures({ series: { totals } }: { series: Shape<"Series"> }) {
  const { delivered, failed, answer, arrival } = totals.attempts;
  const all = delivered + failed;
  return (
    <Strip
      figures={[
        {
          label: words.events,
          value: totals.accepted === null ? partWords.none : number(totals.accepted),
          ...(totals.unwanted ? { context: words.unwanted(number(totals.unwanted)) } : {}),
        },
        {
          label: words.requests,
          value: all === 0 ? partWords.none : percent(delivered / all),
          ...(all === 0 ? {} : { context: words.failed(number(failed)) }),
        },
        latency(words.arrival, arrival),
        latency(words.answer, answer),
        useOldestDue(),
      ]}
    />
  );
}

function latency(label: string, percentiles: Percentiles): Figure {
  if (percentiles === null) return { label, value: partWords.none };
  const { p50_ms: p50, p95_ms: p95, p99_ms: p99 } = percentiles;
  return { label, value: took(p50), context: words.percentiles(took(p95), took(p99)) };
}

function useOldestDue(): Figure {
  const { data } = useQuery(queueQuery);
  const endpoints = useEndpoints();
  const label = words.oldest;
  if (!data?.oldest_due) return { label, value: partWords.none, context: words.onTime };
  const { seconds, endpoint_id: id } = data.oldest_due;
  return {
    ...{ label, value: wait(seconds), context: endpoints.get(id)?.name ?? "" },
    ...(seconds > LATE_S ? { tone: "retrying" } : {}),
  };
}
