import { useQuery } from "@tanstack/react-query";
import { Check, X } from "lucide-react";
import { type ReactNode, useState } from "react";
import { api, type Shape, taken } from "../../api/client.ts";
import { useMay } from "../../api/me.ts";
import { Waits } from "../../parts/charts/waits.tsx";
import { Button } from "../../parts/controls/button.tsx";
import { useAct } from "../../parts/toasts/act.ts";
import { isChannelKind } from "../../parts/values/channel.tsx";
import { Properties } from "../../parts/values/properties.tsx";
import { took } from "../../words/format.ts";
import { endpointWords } from "../../words/index.ts";
import { channelsQuery } from "../channels/queries.ts";
import { accountsQuery, dialectsQuery } from "./queries.ts";
import { Rotation } from "./rotation.tsx";

const words = endpointWords.aside;
type Endpoint = Shape<"Endpoint">;

/** What is seldom changed: the rotation, how it is spoken to, what it wants, the doctor. */
export function Aside({ endpoint }: { endpoint: Endpoint }) {
  return (
    <aside className="min-w-0 border-l border-border max-[1100px]:border-t max-[1100px]:border-l-0">
      <Part title={words.rotation}>
        <Rotation endpoint={endpoint} />
      </Part>
      <Speech endpoint={endpoint} />
      <Filters endpoint={endpoint} />
      <Doctor endpoint={endpoint} />
    </aside>
  );
}

function Part({ title, end, children }: { title: string; end?: ReactNode; children: ReactNode }) {
  return (
    <section aria-label={title} className="border-b border-border px-5 pt-4 pb-4.5 phone:px-4">
      <h2 className="mb-3 flex min-h-6 items-center gap-2 font-medium">
        {title}
        {end !== undefined && <span className="ml-auto font-normal text-fg-3">{end}</span>}
      </h2>
      {children}
    </section>
  );
}

function Speech({ endpoint }: { endpoint: Endpoint }) {
  const { data } = useQuery(dialectsQuery);
  const dialect = data?.find(({ name }) => name === endpoint.dialect);
  return (
    <Part title={words.dialect} end={<code className="text-xs">{endpoint.dialect}</code>}>
      <Properties
        items={[
          [
            words.signature,
            <code key="signature" className="text-xs">
              {dialect?.signature_headers[0] ?? ""}
            </code>,
          ],
          [words.timeout, took(endpoint.timeout_ms)],
          [words.success, words.any2xx],
          [words.order, words.ordering[endpoint.ordering]],
          endpoint.rate_limit === null ? null : [words.rate, words.perSecond(endpoint.rate_limit)],
        ]}
      />
      <p className="mt-3 mb-2 text-fg-3">{words.waits}</p>
      <Waits seconds={endpoint.retry_schedule} />
    </Part>
  );
}

function Filters({ endpoint }: { endpoint: Endpoint }) {
  const nameOf = useNames(endpoint);
  const list = (values: readonly string[]) => {
    const text = values.map(nameOf).join(", ");
    return <span title={text}>{text}</span>;
  };
  const some = (name: string, values: readonly string[]) =>
    values.length === 0 ? null : ([name, list(values)] as const);
  return (
    <Part title={words.filters}>
      <Properties
        items={[
          some(words.confined, endpoint.account_id === null ? [] : [endpoint.account_id]),
          [words.events, endpoint.events.includes("*") ? words.everything : list(endpoint.events)],
          [words.channels, endpoint.channels.length === 0 ? words.all : list(endpoint.channels)],
          some(words.accounts, endpoint.account_ids),
          some(words.campaigns, endpoint.campaign_ids),
          some(words.fields, endpoint.custom_fields),
          endpoint.filter === null
            ? null
            : [
                words.content,
                <code key="content" className="text-xs">
                  {JSON.stringify(endpoint.filter)}
                </code>,
              ],
        ]}
      />
    </Part>
  );
}

/** What accounts and channels are called, where you may see them; anything else is its own name. */
function useNames({ account_id, account_ids, channels }: Endpoint): (value: string) => string {
  const hasAccounts = account_id !== null || account_ids.length > 0;
  const hasChannels = channels.some((each) => !isChannelKind(each));
  const seesAccounts = useMay("accounts:read").may;
  const seesChannels = useMay("channels:read").may;
  const accounts = useQuery({ ...accountsQuery, enabled: hasAccounts && seesAccounts });
  const connected = useQuery({ ...channelsQuery(), enabled: hasChannels && seesChannels });
  const known = [...(accounts.data ?? []), ...(connected.data ?? [])];
  return (value) => known.find(({ id }) => id === value)?.name ?? value;
}

function Doctor({ endpoint: { id } }: { endpoint: Endpoint }) {
  const [found, setFound] = useState<Shape<"EndpointExamination"> | null>(null);
  const examine = useAct({
    does: () => taken(api.POST("/v1/endpoints/{id}/doctor", { params: { path: { id } } })),
    changes: [],
    failed: endpointWords.notDone(words.doctor),
    onDone: setFound,
  });
  return (
    <Part
      title={words.doctor}
      end={
        <Button
          size="sm"
          needs="endpoints:write"
          busy={examine.isBusy}
          onClick={() => void examine.run()}
        >
          {words.run}
        </Button>
      }
    >
      {found === null ? (
        <p className="text-xs text-fg-3">{words.doctorHelp}</p>
      ) : (
        <div role="status">
          <ul className="grid gap-1">
            {found.checks.map(({ check, passed, detail, status, ms }) => (
              <li
                key={check}
                className="grid grid-cols-[14px_minmax(0,1fr)_auto] items-center gap-x-2.5"
              >
                {passed ? (
                  <Check size={13} strokeWidth={2.5} aria-hidden className="text-delivered" />
                ) : (
                  <X size={13} strokeWidth={2.5} aria-hidden className="text-dead" />
                )}
                <span>{endpointWords.doctor.checks[check]}</span>
                <span className="tnum text-xs text-fg-3">
                  {status ?? "—"} · {took(ms)}
                </span>
                {!passed && <p className="col-start-2 col-end-4 text-xs text-fg-3">{detail}</p>}
              </li>
            ))}
          </ul>
        </div>
      )}
    </Part>
  );
}
