import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { Shape } from "../../api/client.ts";
import { HourBars } from "../../parts/charts/hours.tsx";
import { ButtonLink } from "../../parts/controls/button.tsx";
import { number, percent } from "../../words/format.ts";
import { endpointListWords, overviewWords, partWords } from "../../words/index.ts";
import { now } from "../../words/ticking.ts";
import { EndpointState } from "../endpoints/endpoint-state.tsx";
import { hoursOf, isFailing, sumOf } from "../endpoints/health.ts";
import { healthQuery } from "../endpoints/queries.ts";
import { endpointsQuery } from "./queries.ts";

const words = overviewWords.endpoints;

/** Each endpoint in a line; the worst stand in `Needs you` too. */
export function EndpointsPane() {
  const { data } = useQuery(endpointsQuery);
  return (
    <section aria-label={words.title} className="min-w-0 pb-4">
      <div className="flex h-10 items-center px-6 phone:px-4">
        <h2 className="font-medium">{words.title}</h2>
        <Link to="/endpoints" className="ml-auto text-accent hover:underline">
          {words.all}
        </Link>
      </div>
      {data?.length === 0 && (
        <div className="px-6 phone:px-4">
          <p className="mb-3 text-fg-3">{words.none}</p>
          <ButtonLink to="/endpoints/new">{endpointListWords.create}</ButtonLink>
        </div>
      )}
      {data && data.length > 0 && (
        <table className="rows rows-dense" aria-label={words.title}>
          <colgroup>
            <col />
            <col style={{ width: 132 }} />
            <col style={{ width: 156 }} className="phone:hidden" />
            <col style={{ width: 84 }} />
            <col style={{ width: 92 }} />
          </colgroup>
          <thead>
            <tr>
              <th scope="col">{endpointListWords.columns.name}</th>
              <th scope="col">{endpointListWords.columns.state}</th>
              <th scope="col" className="phone:hidden">
                {endpointListWords.columns.hours}
              </th>
              <th scope="col" data-align="right">
                {endpointListWords.columns.share}
              </th>
              <th scope="col" data-align="right">
                {endpointListWords.columns.waiting}
              </th>
            </tr>
          </thead>
          <tbody>
            {data.map((endpoint) => (
              <Line key={endpoint.id} endpoint={endpoint} />
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

function Line({ endpoint: { id, name, state } }: { endpoint: Shape<"Endpoint"> }) {
  const { data: health } = useQuery(healthQuery(id));
  const sum = health ? sumOf(health.hours) : null;
  return (
    <tr>
      <td title={name}>
        {name}
        <Link to={`/endpoints/${id}`} className="row-link" aria-label={name} />
      </td>
      <td>
        <EndpointState state={state} isFailing={isFailing(health)} />
      </td>
      <td className="phone:hidden">
        {health && sum && (
          <HourBars
            hours={hoursOf(health, now())}
            label={endpointListWords.hoursLabel(number(sum.delivered), number(sum.failed))}
          />
        )}
      </td>
      <td data-align="right">{sum?.share == null ? partWords.none : percent(sum.share)}</td>
      <td
        data-align="right"
        className={health && health.waiting > 0 ? "text-retrying" : "text-fg-2"}
      >
        {number(health?.waiting ?? 0)}
      </td>
    </tr>
  );
}
