import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { seriesQuery } from "../../api/series.ts";
import { useAddress } from "../../parts/address.ts";
import { RangeSwitch, USUAL } from "../../parts/charts/range-switch.tsx";
import { Failed, Skeleton } from "../../parts/lists/blank.tsx";
import { PageHead } from "../../parts/page-head.tsx";
import { overviewWords } from "../../words/index.ts";
import { BeginNote } from "../first-run/begin-note.tsx";
import { Books } from "./books.tsx";
import { EndpointsPane } from "./endpoints-pane.tsx";
import { Figures } from "./figures.tsx";
import { LiveTail } from "./live-tail.tsx";
import { NeedsYou } from "./needs-you.tsx";
import { overviewSearch } from "./search.ts";
import { TrafficChart } from "./traffic-chart.tsx";

/** Is everything accounted for? What needs me first? */
export function Page() {
  const [{ range = USUAL }, setSearch] = useAddress(overviewSearch);
  const series = useQuery({ ...seriesQuery(range), placeholderData: keepPreviousData });
  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      <PageHead title={overviewWords.title}>
        <RangeSwitch range={range} onChange={(value) => setSearch({ range: value })} />
      </PageHead>
      <BeginNote className="mx-6 mb-4 phone:mx-4" />
      {series.error && !series.data && (
        <Failed
          what={overviewWords.title}
          error={series.error}
          onAgain={() => void series.refetch()}
        />
      )}
      {!series.data && !series.error && <Skeleton widths={[420, 900, 640]} />}
      {series.data && (
        <>
          <Books totals={series.data.totals} range={range} at={series.dataUpdatedAt} />
          <Figures series={series.data} />
        </>
      )}
      <div className="grid grid-cols-[minmax(0,1fr)_420px] max-[1100px]:grid-cols-1">
        <div className="min-w-0">
          {series.data && (
            <div className="border-b border-border pb-1">
              <TrafficChart series={series.data} range={range} />
            </div>
          )}
          <EndpointsPane />
        </div>
        <div className="border-l border-border max-[1100px]:border-l-0">
          <NeedsYou dead={series.data?.totals.dead ?? 0} />
          <LiveTail />
        </div>
      </div>
    </div>
  );
}
