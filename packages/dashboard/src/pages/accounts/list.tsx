import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Plus, Trash2 } from "lucide-react";
import { useState } from "react";
import { api, taken } from "../../api/client.ts";
import { PAGE_ROWS, useList } from "../../api/list.ts";
import { useMay } from "../../api/me.ts";
import { isGone } from "../../api/problem.ts";
import { useActs } from "../../parts/acts.ts";
import { useAddress } from "../../parts/address.ts";
import { Button, ButtonLink } from "../../parts/controls/button.tsx";
import { Drawer, Section, Split } from "../../parts/dialogs/drawer.tsx";
import { fetched } from "../../parts/late/fetched.ts";
import { Late } from "../../parts/late/late.tsx";
import { Empty, Failed, Skeleton } from "../../parts/lists/blank.tsx";
import { ListFoot } from "../../parts/lists/list-foot.tsx";
import { type Column, RowTable } from "../../parts/lists/row-table.tsx";
import { PageHead } from "../../parts/page-head.tsx";
import { useAct } from "../../parts/toasts/act.ts";
import { ChannelTile } from "../../parts/values/channel.tsx";
import { Id } from "../../parts/values/id.tsx";
import { Properties } from "../../parts/values/properties.tsx";
import { Age, Moment } from "../../parts/values/time.tsx";
import { accountWords, partWords } from "../../words/index.ts";
import { type Account, accountQuery } from "../channels/accounts.ts";
import { channelsQuery } from "../channels/queries.ts";
import { SettingMarks } from "../channels/setting-marks.tsx";
import { AccountSettings } from "./account-settings.tsx";
import { accountsSearch } from "./search.ts";

const AccountForm = fetched(() => import("./account-form.tsx").then((it) => it.AccountForm));
const Confirm = fetched(() => import("../../parts/dialogs/confirm.tsx").then((it) => it.Confirm));

const words = accountWords;

/** Whose channels are these? */
export function Page() {
  const [{ open }, setSearch] = useAddress(accountsSearch);
  const [isMaking, setMaking] = useState(false);
  const queries = useQueryClient();
  const may = useMay("accounts:write");
  const list = useList(["accounts"], (cursor) =>
    taken(api.GET("/v1/accounts", { params: { query: { limit: PAGE_ROWS, ...cursor } } })),
  );
  const make = () => setMaking(true);
  useActs([
    {
      key: "n",
      does: words.create,
      icon: Plus,
      refusal: may.may ? null : may.reason,
      run: make,
    },
  ]);
  const button = (
    <Button
      kind={open === undefined ? "primary" : "plain"}
      icon={Plus}
      keys="N"
      needs="accounts:write"
      onClick={make}
    >
      {words.create}
    </Button>
  );
  return (
    <>
      <Split
        drawer={
          open !== undefined && (
            <AccountDrawer key={open} id={open} onClose={() => setSearch({ open: undefined })} />
          )
        }
      >
        <PageHead title={words.title}>{list.rows.length > 0 && button}</PageHead>
        <div className="h-px flex-none bg-border" />
        <RowTable
          label={words.title}
          list={list}
          columns={COLUMNS}
          idOf={({ id }) => id}
          nameOf={(row) => words.rowName(row.name, row.external_id)}
          linkOf={({ id }) => ({ to: "/accounts", search: { open: id } })}
          onNear={({ id }) => void queries.prefetchQuery(accountQuery(id))}
          openId={open ?? null}
          phone={(row) => (
            <div className="grid gap-0.5">
              <b className="truncate">{row.name}</b>
              <span className="truncate text-xs text-fg-3">
                {row.external_id ?? partWords.none}
              </span>
            </div>
          )}
          empty={
            <Empty title={words.empty.title} act={button}>
              {words.empty.text}
            </Empty>
          }
        />
        <ListFoot list={list} />
      </Split>
      {isMaking && (
        <Late onLeave={() => setMaking(false)}>
          <AccountForm
            account={null}
            onClose={() => setMaking(false)}
            onDone={() => setMaking(false)}
          />
        </Late>
      )}
    </>
  );
}

const COLUMNS: readonly Column<Account>[] = [
  { id: "name", head: words.columns.name, cell: ({ name }) => <b title={name}>{name}</b> },
  {
    id: "external_id",
    head: words.columns.externalId,
    width: 200,
    cell: ({ external_id: id }) => <span title={id ?? undefined}>{id ?? partWords.none}</span>,
  },
  {
    id: "settings",
    head: words.columns.settings,
    width: 260,
    from: 820,
    cell: ({ settings }) => <SettingMarks settings={settings} />,
  },
  {
    id: "id",
    head: words.columns.id,
    width: 148,
    from: 700,
    cell: ({ id }) => <Id id={id} className="row-above" />,
  },
  {
    id: "since",
    head: words.columns.since,
    width: 88,
    align: "right",
    cell: ({ created_at: at }) => <Age at={at} className="text-fg-2" />,
  },
];

function AccountDrawer({ id, onClose }: { id: string; onClose(): void }) {
  const { data: account, error, refetch } = useQuery(accountQuery(id));
  const { data: channels = [] } = useQuery(channelsQuery());
  const [asks, setAsks] = useState<"change" | "remove" | null>(null);
  const remove = useAct({
    does: () => taken(api.DELETE("/v1/accounts/{id}", { params: { path: { id } } })),
    changes: [["accounts"]],
    failed: words.removeFailed,
    done: () => ({ fact: words.removed(account?.name ?? "") }),
    onDone: onClose,
  });
  const own = channels.filter(({ account_id: accountId }) => accountId === id);
  return (
    <Drawer
      label={words.one}
      heading={account?.name ?? words.one}
      verdict={words.confined}
      onClose={onClose}
      acts={
        <>
          <Button needs="accounts:write" onClick={() => setAsks("change")}>
            {words.change}
          </Button>
          <Button
            kind="danger-quiet"
            icon={Trash2}
            needs="accounts:write"
            onClick={() => setAsks("remove")}
          >
            {words.remove}
          </Button>
        </>
      }
    >
      {error !== null && (!account || isGone(error)) ? (
        <Failed what={words.one} error={error} onAgain={() => void refetch()} />
      ) : !account ? (
        <Skeleton widths={[160, 220]} />
      ) : (
        <>
          <Section title={words.properties}>
            <Properties
              items={[
                [words.columns.externalId, account.external_id ?? partWords.none],
                [words.columns.since, <Moment key="since" at={account.created_at} />],
                [words.columns.id, <Id key="id" id={account.id} shown="always" />],
              ]}
            />
          </Section>
          <Section title={words.columns.settings}>
            <AccountSettings account={account} />
          </Section>
          <Section title={words.channels}>
            {own.length === 0 && <p className="text-fg-3">{words.noChannels}</p>}
            <ul className="grid gap-1">
              {own.map((channel) => (
                <li key={channel.id}>
                  <ButtonLink
                    kind="quiet"
                    to="/channels/$id"
                    params={{ id: channel.id }}
                    className="-ml-2.5 max-w-full"
                  >
                    <ChannelTile kind={channel.kind} />
                    <span className="truncate">{channel.name}</span>
                  </ButtonLink>
                </li>
              ))}
            </ul>
          </Section>
        </>
      )}
      {asks === "change" && account && (
        <Late onLeave={() => setAsks(null)}>
          <AccountForm
            account={account}
            onClose={() => setAsks(null)}
            onDone={() => setAsks(null)}
          />
        </Late>
      )}
      {asks === "remove" && account && (
        <Late onLeave={() => setAsks(null)}>
          <Confirm
            open
            onClose={() => setAsks(null)}
            title={words.removeTitle(account.name)}
            text={words.removeText}
            does={words.removeDo}
            keep={words.removeKeep}
            danger
            needs="accounts:write"
            call={{ method: "DELETE", path: `/v1/accounts/${id}` }}
            busy={remove.isBusy}
            onConfirm={() => void remove.run().then(() => setAsks(null))}
          />
        </Late>
      )}
    </Drawer>
  );
}
