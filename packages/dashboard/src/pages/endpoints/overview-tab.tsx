import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useMemo } from "react";
import type { Shape } from "../../api/client.ts";
import { seriesQuery } from "../../api/series.ts";
import { useAddress } from "../../parts/address.ts";
import { Chart } from "../../parts/charts/chart.tsx";
import type { ChartData } from "../../parts/charts/chart-data.ts";
import { RangeSwitch, USUAL } from "../../parts/charts/range-switch.tsx";
import { Strip } from "../../parts/charts/strip.tsx";
import { Track } from "../../parts/charts/track.tsx";
import { Button } from "../../parts/controls/button.tsx";
import { Failed } from "../../parts/lists/blank.tsx";
import { Answer, answerWord } from "../../parts/values/answer.tsx";
import { Note } from "../../parts/values/note.tsx";
import { State, shownState } from "../../parts/values/state.tsx";
import { Age } from "../../parts/values/time.tsx";
import { clock, date, day, moment, number, percent, took } from "../../words/format.ts";
import { endpointWords, partWords } from "../../words/index.ts";
import { now } from "../../words/ticking.ts";
import { Aside } from "./aside.tsx";
import { isFailing, sumOf } from "./health.ts";
import { recentQuery } from "./queries.ts";
import { endpointSearch } from "./search.ts";

const words = endpointWords;
type Endpoint = Shape<"Endpoint">;
type Health = Shape<"EndpointHealth">;

export function Overview({
  endpoint,
  health,
  onTest,
}: {
  endpoint: Endpoint;
  health: Health | undefined;
  onTest(): void;
}) {
  return (
    <div className="grid min-h-0 flex-1 grid-cols-[minmax(0,1fr)_348px] overflow-y-auto max-[1100px]:grid-cols-1">
      <div className="min-w-0">
        <Verdict endpoint={endpoint} health={health} onTest={onTest} />
        {health && <Figures health={health} />}
        <Answers endpoint={endpoint} />
        <Recent endpoint={endpoint} />
      </div>
      <Aside endpoint={endpoint} />
    </div>
  );
}

/** Only where something is wrong, or stands still. */
function Verdict({
  endpoint,
  health,
  onTest,
}: {
  endpoint: Endpoint;
  health: Health | undefined;
  onTest(): void;
}) {
  const { verdict } = words;
  if (endpoint.state !== "enabled") {
    const { what, next } = verdict[endpoint.state];
    return (
      <Note className="mx-6 my-4 phone:mx-4">
        <b>{what}</b> {endpoint.state_reason !== null && `${endpoint.state_reason}. `}
        {next}
      </Note>
    );
  }
  if (!health || !isFailing(health)) return null;
  const from = health.failing_since ?? health.last_failure?.at ?? null;
  const since = from === null ? null : clock(Date.parse(from));
  const { what, next } = verdict.failing(since ?? partWords.none, number(health.waiting));
  const { next_probe_at: probe } = health.breaker;
  const last = health.last_failure && answerWord(health.last_failure);
  return (
    <Note
      tone="warning"
      of="retrying"
      className="mx-6 my-4 phone:mx-4"
      act={
        <Button needs="endpoints:write" onClick={onTest}>
          {verdict.tryNow}
        </Button>
      }
    >
      <b>{what}</b>
      <p>
        {last != null && verdict.answers(last)}{" "}
        {probe === null ? next : verdict.open(clock(Date.parse(probe)))}
      </p>
    </Note>
  );
}

function Figures({ health }: { health: Health }) {
  const { strip } = words;
  const { delivered, failed, share, averageMs } = sumOf(health.hours);
  return (
    <Strip
      figures={[
        {
          label: strip.share,
          value: share === null ? partWords.none : percent(share),
          context: strip.shareContext(number(delivered + failed)),
          ...(share !== null && share < 0.95 ? { tone: "retrying" as const } : {}),
        },
        {
          label: strip.took,
          value: averageMs === null ? partWords.none : took(averageMs),
          context: averageMs === null ? "" : strip.tookContext,
        },
        {
          label: strip.waiting,
          value: number(health.waiting),
          ...(health.behind_since === null
            ? {}
            : { context: strip.waitingContext(clock(Date.parse(health.behind_since))) }),
        },
        {
          label: strip.flight,
          value: number(health.process?.in_flight ?? 0),
          ...(health.process ? { context: strip.slots(health.process.slots) } : {}),
        },
        {
          label: strip.breaker,
          value: strip.breakers[health.breaker.state],
          ...(health.breaker.state === "closed" ? {} : { tone: "retrying" as const }),
        },
      ]}
    />
  );
}

function Answers({ endpoint: { id } }: { endpoint: Endpoint }) {
  const { chart } = words;
  const [{ range = USUAL }, setSearch] = useAddress(endpointSearch);
  const {
    data: series,
    error,
    refetch,
  } = useQuery({
    ...seriesQuery(range, id),
    placeholderData: keepPreviousData,
  });
  const data = useMemo(() => series && answersOf(series), [series]);
  if (error && !series) {
    return <Failed what={chart.title} error={error} onAgain={() => void refetch()} />;
  }
  if (!series || !data) return <div className="h-52.5" aria-busy="true" />;
  const { delivered, failed } = series.totals.attempts;
  const per = partWords.chart.per[series.step];
  const isDays = series.step === "day";
  return (
    <Chart
      title={chart.title}
      note={per}
      summary={chart.summary(per, partWords.chart.within[range], number(delivered), number(failed))}
      height={170}
      timeOf={(seconds) => (isDays ? day(seconds * 1000, now()) : moment(seconds * 1000, now()))}
      axisOf={(seconds) =>
        range === "1h" || range === "24h" ? clock(seconds * 1000).slice(0, 5) : date(seconds * 1000)
      }
      data={data}
      end={<RangeSwitch range={range} onChange={(value) => setSearch({ range: value })} />}
    />
  );
}

function answersOf({ data }: Shape<"Series">): ChartData {
  const { chart } = words;
  return {
    times: data.map(({ at }) => Date.parse(at) / 1000),
    series: [
      {
        ...{ label: chart.ok, colour: "delivered-solid", shape: "bars" },
        values: data.map(({ attempts }) => attempts.delivered),
      },
      {
        ...{ label: chart.failed, colour: "dead-solid", shape: "fall" },
        values: data.map(({ attempts }) => attempts.failed),
      },
    ],
  };
}

function Recent({ endpoint }: { endpoint: Endpoint }) {
  const { recent } = words;
  const { data, error, refetch } = useQuery(recentQuery(endpoint.id));
  const most = endpoint.retry_schedule.length + 1;
  return (
    <section aria-label={recent.title} className="border-t border-border">
      <div className="flex h-10 items-center px-6 phone:px-4">
        <h2 className="font-medium">{recent.title}</h2>
        <Link
          to="/deliveries"
          search={{ endpoint: endpoint.id } as never}
          className="ml-auto text-accent hover:underline"
        >
          {recent.all}
        </Link>
      </div>
      {error && <Failed what={recent.title} error={error} onAgain={() => void refetch()} />}
      {data?.data.length === 0 && <p className="px-6 pb-5 text-fg-3 phone:px-4">{recent.none}</p>}
      {data && data.data.length > 0 && (
        <table className="rows rows-dense" aria-label={recent.title}>
          <colgroup>
            <col style={{ width: 124 }} />
            <col />
            <col style={{ width: 92 }} className="phone:hidden" />
            <col style={{ width: 116 }} className="phone:hidden" />
            <col style={{ width: 76 }} />
          </colgroup>
          <thead>
            <tr>
              <th scope="col">{recent.columns.state}</th>
              <th scope="col">{recent.columns.event}</th>
              <th scope="col" className="phone:hidden">
                {recent.columns.attempts}
              </th>
              <th scope="col" className="phone:hidden">
                {recent.columns.answer}
              </th>
              <th scope="col" data-align="right">
                {recent.columns.created}
              </th>
            </tr>
          </thead>
          <tbody>
            {data.data.map((delivery) => {
              const state = shownState(delivery, endpoint.state === "paused");
              return (
                <tr key={delivery.id}>
                  <td>
                    <State of={state} />
                    <Link
                      to={`/deliveries/${delivery.id}`}
                      className="row-link"
                      aria-label={`${partWords.states[state]}, ${delivery.event_type}`}
                    />
                  </td>
                  <td>
                    <code className="text-xs">{delivery.event_type}</code>
                  </td>
                  <td className="phone:hidden">
                    <Track state={state} made={delivery.attempts} most={most} />
                  </td>
                  <td className="phone:hidden">
                    <Answer status={delivery.last_status} error={delivery.last_error} />
                  </td>
                  <td data-align="right" className="text-fg-3">
                    <Age at={delivery.created_at} />
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      )}
    </section>
  );
}
