import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ListFilter } from "lucide-react";
import { api, taken } from "../../api/client.ts";
import { PAGE_ROWS, useList } from "../../api/list.ts";
import { useMe } from "../../api/me.ts";
import { useAddress } from "../../parts/address.ts";
import { Button } from "../../parts/controls/button.tsx";
import { Drawer, Section, Split } from "../../parts/dialogs/drawer.tsx";
import { Empty, NoMatch } from "../../parts/lists/blank.tsx";
import { FilterBar } from "../../parts/lists/filter-bar.tsx";
import { ListFoot } from "../../parts/lists/list-foot.tsx";
import { type Column, RowTable } from "../../parts/lists/row-table.tsx";
import { PageHead } from "../../parts/page-head.tsx";
import { placeOf } from "../../parts/places.ts";
import { Id } from "../../parts/values/id.tsx";
import { Properties } from "../../parts/values/properties.tsx";
import { Age, Moment } from "../../parts/values/time.tsx";
import { auditWords, partWords } from "../../words/index.ts";
import { actorOf, changeOf, type Entry, objectOf } from "./change.ts";
import { auditSearch } from "./search.ts";

const words = auditWords;

/** Who did what, when, from where? */
export function Page() {
  const [search, setSearch] = useAddress(auditSearch);
  const { actor } = search;
  const actors = useActors();
  const list = useList(["audit-log", { actor }], (cursor) =>
    taken(
      api.GET("/v1/audit-log", {
        params: {
          query: {
            limit: PAGE_ROWS,
            ...cursor,
            ...(actor === undefined ? {} : { actor_id: actor }),
          },
        },
      }),
    ),
  );
  const entry = list.rows.find(({ id }) => id === search.open);
  const named = actors.find(({ value }) => value === actor)?.label ?? actor ?? "";
  return (
    <Split
      drawer={
        entry !== undefined && (
          <EntryDrawer
            key={entry.id}
            entry={entry}
            onClose={() => setSearch({ open: undefined })}
            onStep={(by) => {
              const next = list.rows[list.rows.indexOf(entry) + by];
              if (next) setSearch({ open: next.id });
            }}
            onOnly={(id) => setSearch({ actor: id })}
          />
        )
      }
    >
      <PageHead title={words.title} summary={words.summary} />
      <FilterBar
        filters={[{ id: "actor", label: words.filterActor, options: actors }]}
        values={{ actor }}
        onChange={(_, value) => setSearch({ actor: value, open: undefined })}
      />
      <RowTable
        label={words.title}
        list={list}
        columns={COLUMNS}
        idOf={({ id }) => id}
        nameOf={(each) => words.rowName(actorOf(each), changeOf(each))}
        linkOf={({ id }) => ({
          to: "/audit-log",
          search: { open: id, ...(actor === undefined ? {} : { actor }) },
        })}
        openId={search.open ?? null}
        phone={(each) => <PhoneRow entry={each} />}
        empty={
          actor === undefined ? (
            <Empty title={words.empty.title}>{words.empty.text}</Empty>
          ) : (
            <NoMatch
              title={words.noMatch}
              remove={words.removeFilter}
              onRemove={() => setSearch({ actor: undefined })}
            >
              {words.noMatchText(named)}
            </NoMatch>
          )
        }
      />
      <ListFoot list={list} />
    </Split>
  );
}

/** Members first, then keys: whoever can have changed something. */
function useActors(): { value: string; label: string }[] {
  const { scopes } = useMe();
  const members = useQuery({
    queryKey: ["members", "as actors"],
    queryFn: () => taken(api.GET("/v1/members")),
    enabled: scopes.includes("members:read"),
  });
  const keys = useQuery({
    queryKey: ["api-keys", "as actors"],
    queryFn: () => taken(api.GET("/v1/api-keys", { params: { query: { limit: PAGE_ROWS } } })),
    enabled: scopes.includes("api_keys:read"),
  });
  return [...(members.data?.data ?? []), ...(keys.data?.data ?? [])].map(({ id, name }) => ({
    value: id,
    label: name,
  }));
}

const COLUMNS: readonly Column<Entry>[] = [
  {
    id: "at",
    head: words.columns.at,
    width: 84,
    cell: ({ at }) => <Age at={at} className="text-fg-2" />,
  },
  {
    id: "who",
    head: words.columns.who,
    width: 190,
    cell: (entry) => <b title={actorOf(entry)}>{actorOf(entry)}</b>,
  },
  {
    id: "what",
    head: words.columns.what,
    cell: (entry) => <span title={entry.operation}>{changeOf(entry)}</span>,
  },
  {
    id: "object",
    head: words.columns.object,
    width: 160,
    from: 620,
    cell: (entry) => <ObjectCell entry={entry} />,
  },
  {
    id: "ip",
    head: words.columns.ip,
    width: 150,
    align: "right",
    from: 820,
    cell: ({ ip }) => <code className="text-xs text-fg-2">{ip ?? partWords.none}</code>,
  },
];

function ObjectCell({ entry }: { entry: Entry }) {
  const id = objectOf(entry);
  return id === null ? <span className="text-fg-3">{partWords.none}</span> : <Id id={id} />;
}

function PhoneRow({ entry }: { entry: Entry }) {
  return (
    <div className="grid gap-0.5">
      <span className="flex items-center gap-2">
        <span className="truncate">{changeOf(entry)}</span>
        <Age at={entry.at} className="ml-auto text-fg-2" />
      </span>
      <span className="truncate text-xs text-fg-3">{actorOf(entry)}</span>
    </div>
  );
}

function EntryDrawer({
  entry,
  onClose,
  onStep,
  onOnly,
}: {
  entry: Entry;
  onClose(): void;
  onStep(by: 1 | -1): void;
  onOnly(actorId: string): void;
}) {
  const { drawer } = words;
  const { actor } = entry;
  const object = objectOf(entry);
  const place = object === null ? null : placeOf(object);
  return (
    <Drawer
      label={drawer.label}
      heading={<code className="truncate text-xs">{entry.operation}</code>}
      verdict={words.verdict(actorOf(entry), changeOf(entry))}
      acts={
        actor.id !== null && (
          <Button icon={ListFilter} onClick={() => actor.id !== null && onOnly(actor.id)}>
            {drawer.onlyThis}
          </Button>
        )
      }
      onClose={onClose}
      onStep={onStep}
    >
      <Section>
        <Properties
          items={[
            [drawer.who, `${actorOf(entry)} (${words.kinds[actor.kind]})`],
            actor.id === null ? null : [drawer.id, <Id key="actor" id={actor.id} shown="always" />],
            [drawer.at, <Moment key="at" at={entry.at} />],
            [
              drawer.operation,
              <code key="route" className="text-xs">
                {entry.operation}
              </code>,
            ],
            [
              drawer.path,
              <code key="path" className="text-xs" title={entry.path}>
                {place === null ? (
                  entry.path
                ) : (
                  <Link to={place} className="text-accent hover:underline">
                    {entry.path}
                  </Link>
                )}
              </code>,
            ],
            [
              drawer.ip,
              <code key="ip" className="text-xs">
                {entry.ip ?? partWords.none}
              </code>,
            ],
            [drawer.request, <Id key="request" id={entry.request_id} shown="always" />],
          ]}
        />
        <p className="mt-2 text-xs text-fg-3">{drawer.requestHelp}</p>
      </Section>
    </Drawer>
  );
}
