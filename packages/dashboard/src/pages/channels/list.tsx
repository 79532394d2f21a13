import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Plus } from "lucide-react";
import { api, taken } from "../../api/client.ts";
import { PAGE_ROWS, useList } from "../../api/list.ts";
import { useMay } from "../../api/me.ts";
import { useActs } from "../../parts/acts.ts";
import { useAddress } from "../../parts/address.ts";
import { Button } from "../../parts/controls/button.tsx";
import { Empty, NoMatch } from "../../parts/lists/blank.tsx";
import { FilterBar } from "../../parts/lists/filter-bar.tsx";
import { ListFoot } from "../../parts/lists/list-foot.tsx";
import { type Column, RowTable } from "../../parts/lists/row-table.tsx";
import { PageHead } from "../../parts/page-head.tsx";
import { Channel as ChannelName, ChannelTile } from "../../parts/values/channel.tsx";
import { number } from "../../words/format.ts";
import { channelWords, partWords } from "../../words/index.ts";
import { accountsQuery } from "./accounts.ts";
import { ChannelState } from "./channel-state.tsx";
import { KINDS } from "./kinds.ts";
import { type Channel, channelQuery } from "./queries.ts";
import { channelsSearch } from "./search.ts";
import { SettingMarks } from "./setting-marks.tsx";

const words = channelWords;

/** Can each one receive and send right now; if not, which step is missing? */
export function Page() {
  const [{ kind }, setSearch] = useAddress(channelsSearch);
  const queries = useQueryClient();
  const navigate = useNavigate();
  const may = useMay("channels:write");
  const list = useList(
    ["channels", { kind }],
    (cursor) =>
      taken(
        api.GET("/v1/channels", {
          params: {
            query: { limit: PAGE_ROWS, ...cursor, ...(kind === undefined ? {} : { kind }) },
          },
        }),
      ),
    { refetchMs: 15_000 },
  );
  const connect = () => void navigate({ to: "/channels/new" });
  useActs([
    {
      key: "n",
      does: words.connect,
      icon: Plus,
      refusal: may.may ? null : may.reason,
      run: connect,
    },
  ]);
  const button = (
    <Button kind="primary" icon={Plus} keys="N" needs="channels:write" onClick={connect}>
      {words.connect}
    </Button>
  );
  const troubled = list.rows.filter(({ state }) => state !== "connected").length;
  return (
    <>
      <PageHead
        title={words.title}
        summary={
          list.rows.length > 0 && !list.hasMore
            ? words.summary(number(list.rows.length), troubled)
            : undefined
        }
      >
        {(list.rows.length > 0 || kind !== undefined) && button}
      </PageHead>
      <FilterBar
        filters={[
          {
            id: "kind",
            label: words.filterKind,
            options: KINDS.map((value) => ({
              value,
              label: partWords.channels[value],
              mark: <ChannelTile kind={value} size={15} isNamed />,
            })),
          },
        ]}
        values={{ kind }}
        onChange={(_, value) => setSearch({ kind: KINDS.find((each) => each === value) })}
      />
      <RowTable
        label={words.title}
        list={list}
        columns={list.rows.some((row) => row.state_reason !== null) ? COLUMNS : WITHOUT_REASON}
        idOf={({ id }) => id}
        nameOf={(row) =>
          words.rowName(row.name, partWords.channels[row.kind], words.states[row.state])
        }
        linkOf={({ id }) => ({ to: `/channels/${id}` })}
        onNear={({ id }) => void queries.prefetchQuery(channelQuery(id))}
        phone={(row) => <PhoneRow row={row} />}
        empty={
          kind === undefined ? (
            <Empty title={words.empty.title} act={button}>
              {words.empty.text}
            </Empty>
          ) : (
            <NoMatch
              title={words.noMatch}
              remove={words.removeFilter}
              onRemove={() => setSearch({ kind: undefined })}
            >
              {words.noMatchText(partWords.channels[kind])}
            </NoMatch>
          )
        }
      />
      <ListFoot list={list} />
    </>
  );
}

const COLUMNS: readonly Column<Channel>[] = [
  {
    id: "name",
    head: words.columns.name,
    cell: (row) => (
      <ChannelName kind={row.kind}>
        <b title={row.name}>{row.name}</b>
        {row.simulated && <small className="ml-2 text-xs text-fg-3">{words.simulated}</small>}
        {row.is_default && <small className="ml-2 text-xs text-fg-3">{words.isDefault}</small>}
      </ChannelName>
    ),
  },
  {
    id: "address",
    head: words.columns.address,
    width: 168,
    from: 640,
    cell: ({ external_id: id }) => (
      <code className="text-xs text-fg-2" title={id}>
        {id}
      </code>
    ),
  },
  { id: "state", head: words.columns.state, width: 124, cell: (row) => <ChannelState {...row} /> },
  {
    id: "health",
    head: words.columns.health,
    width: 300,
    from: 1100,
    cell: ({ state_reason: reason }) => (
      <span className="text-fg-2" title={reason ?? undefined}>
        {reason ?? partWords.none}
      </span>
    ),
  },
  {
    id: "account",
    head: words.columns.account,
    width: 140,
    from: 800,
    cell: ({ account_id: id }) => <AccountCell id={id} />,
  },
  {
    id: "settings",
    head: words.columns.settings,
    width: 230,
    from: 940,
    cell: ({ settings }) => <SettingMarks settings={settings} />,
  },
];

/** A column of dashes says nothing. */
const WITHOUT_REASON = COLUMNS.filter(({ id }) => id !== "health");

function AccountCell({ id }: { id: string | null }) {
  const may = useMay("accounts:read");
  const { data } = useQuery({ ...accountsQuery(), enabled: id !== null && may.may });
  const account = data?.find((each) => each.id === id);
  return <span className="text-fg-2">{account?.name ?? partWords.none}</span>;
}

function PhoneRow({ row }: { row: Channel }) {
  return (
    <div className="grid gap-0.5">
      <span className="flex items-center gap-2">
        <ChannelName kind={row.kind}>
          <b>{row.name}</b>
        </ChannelName>
        <span className="ml-auto flex-none">
          <ChannelState {...row} />
        </span>
      </span>
      <span className="truncate text-xs text-fg-3">{row.state_reason ?? row.external_id}</span>
    </div>
  );
}
