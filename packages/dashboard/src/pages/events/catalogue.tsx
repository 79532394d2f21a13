import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, taken } from "../../api/client.ts";
import { useAddress } from "../../parts/address.ts";
import { cx } from "../../parts/class-names.ts";
import { ButtonLink } from "../../parts/controls/button.tsx";
import { Input } from "../../parts/controls/field.tsx";
import { Segments } from "../../parts/controls/segments.tsx";
import { Failed, Skeleton } from "../../parts/lists/blank.tsx";
import { PageHead } from "../../parts/page-head.tsx";
import { Json } from "../../parts/values/json.tsx";
import { number } from "../../words/format.ts";
import { eventWords } from "../../words/index.ts";
import { catalogueSearch } from "./search.ts";

type Dialect = keyof typeof eventWords.dialects;
const DIALECTS = Object.keys(eventWords.dialects) as Dialect[]; // its own keys

/** Every type of event: what it means, its schema, and what each dialect makes of it. */
export function Page() {
  const [search, setSearch] = useAddress(catalogueSearch);
  const [wanted, setWanted] = useState("");
  const words = eventWords.catalogue;
  const { data, error, refetch } = useQuery({
    queryKey: ["event-types"],
    queryFn: () => taken(api.GET("/v1/event-types")),
    staleTime: 60_000,
  });
  const needle = wanted.trim().toLowerCase();
  const types = data?.data.filter(
    ({ type, description }) => type.includes(needle) || description.toLowerCase().includes(needle),
  );
  const dialect = DIALECTS.find((each) => each === search.dialect) ?? "curlew";
  return (
    <>
      <PageHead title={words.title} summary={data && words.summary(number(data.data.length))}>
        <ButtonLink to="/events">{eventWords.tabs.log}</ButtonLink>
      </PageHead>
      <div className="grid min-h-0 flex-1 grid-cols-[300px_minmax(0,1fr)] border-t border-border phone:grid-cols-1 phone:overflow-auto">
        <div className="flex min-h-0 flex-col border-r border-border phone:max-h-72 phone:border-r-0 phone:border-b">
          <div className="p-3">
            <Input
              aria-label={words.find}
              placeholder={words.find}
              value={wanted}
              onChange={(event) => setWanted(event.target.value)}
            />
          </div>
          {error && <Failed what={words.title} error={error} onAgain={() => void refetch()} />}
          {!data && !error && <Skeleton widths={[180, 160, 200, 150]} />}
          <ul className="min-h-0 flex-1 overflow-auto pb-3">
            {types?.map(({ type, description, is_own: isOwn, operational }) => (
              <li key={type}>
                <button
                  type="button"
                  aria-current={type === search.type || undefined}
                  onClick={() => setSearch({ type })}
                  className="block w-full px-4 py-1.5 text-left -outline-offset-2 hover:bg-surface-hover aria-current:bg-surface-selected aria-current:shadow-[inset_2px_0_0_var(--accent-solid)]"
                >
                  <span className="flex items-baseline gap-2">
                    <code className="truncate text-xs">{type}</code>
                    {(isOwn || operational) && (
                      <small className="ml-auto flex-none text-2xs text-fg-3">
                        {isOwn ? words.own : words.operational}
                      </small>
                    )}
                  </span>
                  <small className="block truncate text-2xs text-fg-3">{description}</small>
                </button>
              </li>
            ))}
          </ul>
        </div>
        <div className="min-h-0 overflow-auto">
          {search.type === undefined ? (
            <p className="p-6 text-fg-3">{words.choose}</p>
          ) : (
            <TypeView
              type={search.type}
              dialect={dialect}
              onDialect={(next) => setSearch({ dialect: next === "curlew" ? undefined : next })}
            />
          )}
        </div>
      </div>
    </>
  );
}

function TypeView({
  type,
  dialect,
  onDialect,
}: {
  type: string;
  dialect: Dialect;
  onDialect(dialect: Dialect): void;
}) {
  const words = eventWords.catalogue;
  const { data, error, refetch } = useQuery({
    queryKey: ["event-type", type, dialect],
    queryFn: () =>
      taken(api.GET("/v1/event-types/{type}", { params: { path: { type }, query: { dialect } } })),
    staleTime: 60_000,
  });
  if (error) return <Failed what={type} error={error} onAgain={() => void refetch()} />;
  if (!data) return <Skeleton widths={[320, 420, 380]} />;
  const { rendered } = data;
  return (
    <div className="grid max-w-[820px] gap-4 p-5">
      <div>
        <h2 className="text-md font-strong">
          <code>{type}</code>
        </h2>
        <p className="mt-0.5 text-fg-2">{data.description}</p>
        {data.operational && <p className="text-xs text-fg-3">{words.operationalText}</p>}
      </div>
      <div className="flex max-w-full overflow-x-auto">
        <Segments
          label={words.dialect}
          value={dialect}
          options={DIALECTS.map((value) => ({ value, label: eventWords.dialects[value] }))}
          onChange={onDialect}
        />
      </div>
      {rendered === null ? (
        <p className={cx("text-fg-2")}>{data.example === null ? words.noExample : words.none}</p>
      ) : (
        <>
          {rendered.name !== type && (
            <p className="text-fg-2">{words.calls(dialect, rendered.name)}</p>
          )}
          <Json
            key={`${type} ${dialect}`}
            text={rendered.body}
            title={words.example}
            note={words.exampleNote(dialect)}
            what={words.example}
          />
        </>
      )}
      {data.schema === null ? (
        <p className="text-fg-3">{words.noSchema}</p>
      ) : (
        <Json text={JSON.stringify(data.schema)} title={words.schema} what={words.schema} />
      )}
    </div>
  );
}
