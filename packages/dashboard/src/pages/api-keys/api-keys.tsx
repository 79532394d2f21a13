import { KeyRound, Plus } from "lucide-react";
import { useState } from "react";
import { api, taken } from "../../api/client.ts";
import { PAGE_ROWS, useList } from "../../api/list.ts";
import { useMay } from "../../api/me.ts";
import { useActs } from "../../parts/acts.ts";
import { useAddress } from "../../parts/address.ts";
import { Button } from "../../parts/controls/button.tsx";
import { Split } from "../../parts/dialogs/drawer.tsx";
import { SecretOnce } from "../../parts/dialogs/secret-once.tsx";
import { fetched } from "../../parts/late/fetched.ts";
import { Late } from "../../parts/late/late.tsx";
import { Empty } from "../../parts/lists/blank.tsx";
import { ListFoot } from "../../parts/lists/list-foot.tsx";
import { type Column, RowTable } from "../../parts/lists/row-table.tsx";
import { PageHead } from "../../parts/page-head.tsx";
import { State } from "../../parts/values/state.tsx";
import { Age } from "../../parts/values/time.tsx";
import { apiKeyWords } from "../../words/index.ts";
import { now } from "../../words/ticking.ts";
import { KeyDrawer } from "./key-drawer.tsx";
import {
  type ApiKey,
  KEY_OUTLINES,
  keyState,
  type MadeKey,
  shownKey,
  successorOf,
} from "./key-state.ts";
import { apiKeysSearch } from "./search.ts";

const NewKey = fetched(() => import("./new-key.tsx").then((it) => it.NewKey));

const words = apiKeyWords;

/** Who comes in by key, with what, and which keys are still used? */
export function Page() {
  const [search, setSearch] = useAddress(apiKeysSearch);
  const [made, setMade] = useState<MadeKey | null>(null);
  const may = useMay("api_keys:write");
  const list = useList(["api-keys"], (cursor) =>
    taken(api.GET("/v1/api-keys", { params: { query: { limit: PAGE_ROWS, ...cursor } } })),
  );
  const openForm = () => setSearch({ new: "key" }, { push: true });
  useActs([
    { key: "n", does: words.new.title, icon: KeyRound, run: openForm, refusal: may.reason ?? null },
  ]);
  const stateOf = (key: ApiKey) => keyState(key, successorOf(key.id, list.rows), now());
  const columns = columnsOf(stateOf);
  const create = (
    <Button
      kind={search.open === undefined ? "primary" : "plain"}
      icon={Plus}
      keys="N"
      needs="api_keys:write"
      onClick={openForm}
    >
      {words.create}
    </Button>
  );
  return (
    <>
      <Split
        drawer={
          search.open !== undefined && (
            <KeyDrawer
              key={search.open}
              id={search.open}
              keys={list.rows}
              onMade={setMade}
              onClose={() => setSearch({ open: undefined })}
              onOpen={(open) => setSearch({ open })}
            />
          )
        }
      >
        <PageHead title={words.title} summary={words.summary}>
          {create}
        </PageHead>
        <div className="h-px flex-none bg-border" />
        <RowTable
          label={words.title}
          list={list}
          columns={columns}
          idOf={({ id }) => id}
          nameOf={(key) => words.rowName(key.name, words.states[stateOf(key)])}
          linkOf={({ id }) => ({ to: "/api-keys", search: { open: id } })}
          openId={search.open ?? null}
          phone={(key) => <PhoneRow apiKey={key} state={stateOf(key)} />}
          empty={
            <Empty title={words.empty.title} act={create}>
              {words.empty.text}
            </Empty>
          }
        />
        <ListFoot list={list} />
      </Split>
      {search.new === "key" && (
        <Late onLeave={() => setSearch({ new: undefined })}>
          <NewKey
            onClose={() => setSearch({ new: undefined })}
            onMade={(key) => {
              setSearch({ new: undefined });
              setMade(key);
            }}
          />
        </Late>
      )}
      <SecretOnce
        title={made?.title ?? ""}
        secret={made?.secret ?? null}
        variable="CURLEW_API_KEY"
        onDone={() => setMade(null)}
      />
    </>
  );
}

function columnsOf(stateOf: (key: ApiKey) => keyof typeof words.states): Column<ApiKey>[] {
  return [
    { id: "name", head: words.columns.name, cell: ({ name }) => <b title={name}>{name}</b> },
    {
      id: "key",
      head: words.columns.key,
      width: 224,
      from: 700,
      cell: (key) => <code className="text-xs text-fg-2">{shownKey(key)}</code>,
    },
    {
      id: "state",
      head: words.columns.state,
      width: 136,
      cell: (key) => <State of={KEY_OUTLINES[stateOf(key)]}>{words.states[stateOf(key)]}</State>,
    },
    {
      id: "scopes",
      head: words.columns.scopes,
      width: 112,
      cell: ({ scopes }) => <span className="text-fg-2">{mayInWords(scopes)}</span>,
    },
    {
      id: "used",
      head: words.columns.used,
      width: 92,
      align: "right",
      cell: ({ last_used_at: at }) => <Used at={at} />,
    },
    {
      id: "created",
      head: words.columns.created,
      width: 84,
      align: "right",
      from: 900,
      cell: ({ created_at: at }) => <Age at={at} className="text-fg-2" />,
    },
  ];
}

function Used({ at }: { at: string | null }) {
  return <span className="text-fg-2">{at === null ? words.never : <Age at={at} />}</span>;
}

function mayInWords(scopes: readonly string[]): string {
  return scopes.includes("*") ? words.everything : words.scopeCount(scopes.length);
}

function PhoneRow({ apiKey, state }: { apiKey: ApiKey; state: keyof typeof words.states }) {
  return (
    <div className="grid gap-0.5">
      <span className="flex items-center gap-2">
        <b className="truncate">{apiKey.name}</b>
        <span className="ml-auto">
          <State of={KEY_OUTLINES[state]}>{words.states[state]}</State>
        </span>
      </span>
      <span className="flex items-center gap-2 text-xs text-fg-3">
        <code className="truncate">{shownKey(apiKey)}</code>
        <span className="ml-auto">{mayInWords(apiKey.scopes)}</span>
      </span>
    </div>
  );
}
