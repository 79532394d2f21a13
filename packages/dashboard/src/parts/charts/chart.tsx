import { ChartNoAxesColumn, Table2 } from "lucide-react";
import { type ReactNode, Suspense, useState } from "react";
import { number } from "../../words/format.ts";
import { partWords } from "../../words/index.ts";
import { IconButton } from "../controls/button.tsx";
import { fetched } from "../late/fetched.ts";
import { Unfetched } from "../late/late.tsx";
import type { ChartData } from "./chart-data.ts";

const Plot = fetched(() => import("./plot.tsx").then((it) => it.Plot));

/** One idea each. Its summary is read out, and the same numbers stand in a table. */
export function Chart({
  title,
  note,
  summary,
  data,
  height = 180,
  timeOf,
  axisOf = timeOf,
  end,
}: {
  title: string;
  note?: ReactNode;
  /** What the shape says, in words. */
  summary: string;
  data: ChartData;
  height?: number;
  /** A time of it, for the table and the cross-hair. */
  timeOf(seconds: number): string;
  /** The same, for the axis, where there is less room. */
  axisOf?(seconds: number): string;
  end?: ReactNode;
}) {
  const [isTable, setTable] = useState(false);
  return (
    <section aria-label={title} className="min-w-0">
      <div className="flex min-h-10 flex-wrap items-center gap-x-2.5 pr-4 pl-6 phone:pl-4">
        <h2 className="font-medium">{title}</h2>
        {note !== undefined && <span className="text-xs text-fg-3">{note}</span>}
        <span className="ml-auto flex flex-wrap items-center gap-x-3 text-2xs text-fg-3 phone:order-last phone:ml-0 phone:w-full phone:pb-1">
          {data.series.map(({ label, colour }) => (
            <span key={label} className="flex items-center gap-1.25">
              <span className="size-2 rounded-[2px]" style={{ background: `var(--${colour})` }} />
              {label}
            </span>
          ))}
          {end}
        </span>
        <IconButton
          className="phone:ml-auto"
          icon={isTable ? ChartNoAxesColumn : Table2}
          label={isTable ? partWords.chart.asChart : partWords.chart.asTable}
          onClick={() => setTable(!isTable)}
        />
      </div>
      {isTable ? (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached without a mouse
        <div className="overflow-auto" style={{ height }} tabIndex={0}>
          <table className="rows rows-dense" aria-label={title}>
            <thead>
              <tr>
                <th scope="col">{note ?? title}</th>
                {data.series.map(({ label }) => (
                  <th key={label} scope="col" data-align="right">
                    {label}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {data.times.map((time, n) => (
                <tr key={time}>
                  <td className="tnum">{timeOf(time)}</td>
                  {data.series.map(({ label, values }) => (
                    <td key={label} data-align="right">
                      {number(values[n] ?? 0)}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      ) : (
        <div role="img" aria-label={summary} className="px-6 phone:px-4" style={{ height }}>
          <Unfetched onLeave={() => setTable(true)}>
            <Suspense fallback={<div aria-busy="true" className="h-full" />}>
              <Plot data={data} height={height} timeOf={timeOf} axisOf={axisOf} />
            </Suspense>
          </Unfetched>
        </div>
      )}
    </section>
  );
}
