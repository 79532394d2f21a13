import { useMemo } from "react";
import type { Shape } from "../../api/client.ts";
import type { Range } from "../../api/series.ts";
import { Chart } from "../../parts/charts/chart.tsx";
import type { ChartData, Series } from "../../parts/charts/chart-data.ts";
import { Empty } from "../../parts/lists/blank.tsx";
import { clock, date, day, moment, number } from "../../words/format.ts";
import { overviewWords, partWords } from "../../words/index.ts";
import { now } from "../../words/ticking.ts";

const words = overviewWords.chart;

/** What came in and what became of it, over time; what failed lies below the line. */
export function TrafficChart({ series, range }: { series: Shape<"Series">; range: Range }) {
  const data = useMemo(() => drawn(series), [series]);
  const { accepted, delivered, targeted, dead, attempts } = series.totals;
  if (!accepted && targeted === 0 && attempts.delivered + attempts.failed === 0) {
    return <Empty title={words.none}>{words.noneText}</Empty>;
  }
  const isDays = series.step === "day";
  return (
    <Chart
      title={words.title}
      note={partWords.chart.per[series.step]}
      summary={words.summary(
        number(accepted ?? 0),
        number(delivered),
        number(attempts.failed),
        number(dead),
      )}
      height={236}
      data={data}
      timeOf={(seconds) => (isDays ? day(seconds * 1000, now()) : moment(seconds * 1000, now()))}
      axisOf={(seconds) =>
        range === "1h" || range === "24h" ? clock(seconds * 1000).slice(0, 5) : date(seconds * 1000)
      }
    />
  );
}

function drawn({ data, totals }: Shape<"Series">): ChartData {
  const series: Series[] = [
    {
      ...{ label: words.delivered, colour: "delivered-solid", shape: "area" },
      values: data.map(({ delivered }) => delivered),
    },
    {
      ...{ label: words.failed, colour: "retrying-solid", shape: "fall" },
      values: data.map(({ attempts }) => attempts.failed),
    },
    {
      ...{ label: words.dead, colour: "dead-solid", shape: "fall" },
      values: data.map(({ dead }) => dead),
    },
  ];
  if (totals.accepted !== null) {
    series.unshift({
      ...{ label: words.accepted, colour: "chart-neutral", shape: "line" },
      values: data.map(({ accepted }) => accepted ?? 0),
    });
  }
  return { times: data.map(({ at }) => Date.parse(at) / 1000), series, grows: true };
}
