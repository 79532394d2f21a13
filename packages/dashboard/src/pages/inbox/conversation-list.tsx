import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Hand, Hourglass } from "lucide-react";
import { type FormEvent, useRef } from "react";
import { api, taken } from "../../api/client.ts";
import { PAGE_ROWS, useList } from "../../api/list.ts";
import { asRefused } from "../../api/problem.ts";
import { useActs } from "../../parts/acts.ts";
import { useAddress } from "../../parts/address.ts";
import { cx } from "../../parts/class-names.ts";
import { ButtonLink } from "../../parts/controls/button.tsx";
import { Input } from "../../parts/controls/field.tsx";
import { Empty, NoMatch } from "../../parts/lists/blank.tsx";
import { FilterBar } from "../../parts/lists/filter-bar.tsx";
import { ListFoot } from "../../parts/lists/list-foot.tsx";
import { RowTable } from "../../parts/lists/row-table.tsx";
import { PageTitle } from "../../parts/page-head.tsx";
import { idIn } from "../../parts/places.ts";
import { toastRefusal } from "../../parts/toasts/toasts.ts";
import { ChannelTile } from "../../parts/values/channel.tsx";
import { Age } from "../../parts/values/time.tsx";
import { wait } from "../../words/format.ts";
import { inboxWords, partWords } from "../../words/index.ts";
import { now, useTicking } from "../../words/ticking.ts";
import { channelsQuery } from "../channels/queries.ts";
import { Disc } from "./person/disc.tsx";
import { lineOf, nameOf } from "./person/person.ts";
import { type Conversation, conversationQuery } from "./queries.ts";
import { inboxSearch } from "./search.ts";
import { hasWindow } from "./window.ts";

const words = inboxWords;
const TABS = ["open", "escalated", "closed"] as const;
/** A window that ends so soon is worth a colour. */
const SOON_MS = 3_600_000;

export function ConversationList({ openId }: { openId: string | null }) {
  const [{ status = "open", channel, find }, setSearch] = useAddress(inboxSearch);
  const queries = useQueryClient();
  const { data: channels = [] } = useQuery(channelsQuery());
  const contact = find?.startsWith("con_") === true ? find : undefined;
  // Whom somebody looks for may be in any tab.
  const whose: { contact_id?: string; q?: string; status?: (typeof TABS)[number] } =
    contact !== undefined ? { contact_id: contact } : find !== undefined ? { q: find } : { status };
  const query = {
    ...{ order: "activity" as const, ...whose },
    ...(channel === undefined ? {} : { channel_id: channel }),
  };
  const list = useList(["conversations", query], (cursor) =>
    taken(
      api.GET("/v1/conversations", {
        params: { query: { limit: PAGE_ROWS, ...query, ...cursor } },
      }),
    ),
  );
  const kept = { status: status === "open" ? undefined : status, channel, find };
  return (
    <>
      <div className="flex min-h-13 flex-none items-center gap-3 pr-3 pl-6 phone:px-4">
        {openId === null ? (
          <PageTitle>{words.title}</PageTitle>
        ) : (
          <h2 className="text-xl font-strong tracking-tight">{words.title}</h2>
        )}
        <Search key={find ?? ""} find={find} onFind={(text) => setSearch({ find: text })} />
      </div>
      <fieldset className="flex flex-none gap-1 px-4 pb-2 phone:px-2">
        <legend className="sr-only">{words.tabs.label}</legend>
        {TABS.map((tab) => (
          <button
            key={tab}
            type="button"
            aria-pressed={tab === status && find === undefined}
            onClick={() => setSearch({ status: tab === "open" ? undefined : tab, find: undefined })}
            className="h-6 rounded-[5px] px-2 text-xs font-medium text-fg-2 hover:bg-surface-hover aria-pressed:bg-surface-active aria-pressed:text-fg touch:h-9"
          >
            {words.tabs[tab]}
          </button>
        ))}
      </fieldset>
      <FilterBar
        filters={[
          {
            id: "channel",
            label: words.channel,
            options: channels.map(({ id, name, kind }) => ({
              value: id,
              label: name,
              mark: <ChannelTile kind={kind} size={15} isNamed />,
            })),
          },
        ]}
        values={{ channel }}
        onChange={(_, value) => setSearch({ channel: value })}
      />
      <RowTable
        label={words.conversations}
        list={list}
        columns={[]}
        idOf={({ id }) => id}
        nameOf={(row) =>
          words.rowName(
            nameOf(row.contact, row.channel.kind),
            partWords.channels[row.channel.kind],
            "",
            words.status[row.status],
          )
        }
        linkOf={({ id }) => ({ to: `/inbox/${id}`, search: kept })}
        onNear={({ id }) => void queries.prefetchQuery(conversationQuery(id))}
        phone={(row) => <Row row={row} />}
        openId={openId}
        empty={<Nothing status={status} channel={channel} find={find} />}
      />
      <ListFoot list={list} />
    </>
  );
}

/** A part of a name or an address, or an id of a conversation, a message or a contact. */
function Search({
  find,
  onFind,
}: {
  find: string | undefined;
  onFind(text: string | undefined): void;
}) {
  const field = useRef<HTMLInputElement>(null);
  const navigate = useNavigate();
  useActs([
    {
      key: "/",
      does: words.search.label,
      isQuiet: true,
      run: () => field.current?.focus(),
    },
  ]);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const text = field.current?.value.trim() ?? "";
    const id = idIn(text);
    if (id?.startsWith("cnv_") === true) return void navigate({ to: `/inbox/${id}` });
    if (id?.startsWith("msg_") !== true) return onFind(text === "" ? undefined : text);
    try {
      const message = await taken(api.GET("/v1/messages/{id}", { params: { path: { id } } }));
      void navigate({ to: `/inbox/${message.conversation_id}`, search: { why: id } as never });
    } catch (error) {
      toastRefusal(words.search.noSuchId, asRefused(error));
    }
  };
  return (
    <form onSubmit={(event) => void submit(event)} className="min-w-0 flex-1">
      <Input
        ref={field}
        type="search"
        defaultValue={find}
        aria-label={words.search.label}
        placeholder={words.search.placeholder}
        title={words.search.title}
        className="h-7!"
        onKeyDown={(event) => {
          if (event.key === "Escape") onFind(undefined);
        }}
      />
    </form>
  );
}

function Row({ row }: { row: Conversation }) {
  const { channel, contact, status, last_message: last } = row;
  const name = nameOf(contact, channel.kind);
  return (
    <div className="grid grid-cols-[30px_minmax(0,1fr)] items-center gap-x-3">
      <Disc name={name} kind={channel.kind} />
      <div className="min-w-0 leading-4.5">
        <span className="flex items-baseline gap-2">
          <b dir="auto" className="min-w-0 truncate font-medium" title={name}>
            {name}
          </b>
          <Age
            at={last?.created_at ?? row.last_activity_at}
            className="tnum ml-auto text-xs text-fg-3"
          />
        </span>
        <span dir="auto" className="block truncate text-fg-3">
          {last === null ? (
            words.noMessages
          ) : (
            <>
              {last.direction === "outbound" && <span>{words.youSaid} </span>}
              {lineOf(last)}
            </>
          )}
        </span>
        <span className="flex items-center gap-2 text-2xs text-fg-3">
          {status === "escalated" && (
            <span className="flex items-center gap-1 text-retrying">
              <Hand size={11} strokeWidth={2} aria-hidden />
              {words.status.escalated}
            </span>
          )}
          {status === "closed" ? words.status.closed : <WindowLeft row={row} />}
          <span className="min-w-0 truncate">{channel.name}</span>
        </span>
      </div>
    </div>
  );
}

/** How long free text is still allowed; nothing where there is no window or it has closed. */
function WindowLeft({ row: { channel, window, blocked_by: blockedBy } }: { row: Conversation }) {
  const until =
    blockedBy !== null || window.free_form_until === null ? 0 : Date.parse(window.free_form_until);
  const left = useTicking((at) => (until > at ? wait(Math.ceil((until - at) / 60_000) * 60) : ""));
  if (!hasWindow(channel.kind) || left === "") return null;
  const isSoon = until - now() < SOON_MS;
  return (
    <span
      className={cx("tnum flex flex-none items-center gap-1", isSoon && "text-retrying")}
      title={words.windowLeft(left)}
    >
      <Hourglass size={11} strokeWidth={2} aria-hidden />
      {left}
    </span>
  );
}

function Nothing({
  status,
  channel,
  find,
}: {
  status: (typeof TABS)[number];
  channel: string | undefined;
  find: string | undefined;
}) {
  const [, setSearch] = useAddress(inboxSearch);
  const { data: channels = [] } = useQuery(channelsQuery());
  if (find !== undefined) {
    return (
      <NoMatch
        title={words.search.none}
        remove={words.search.remove}
        onRemove={() => setSearch({ find: undefined })}
      >
        {words.search.noneText}
      </NoMatch>
    );
  }
  if (channel !== undefined) {
    const name = channels.find(({ id }) => id === channel)?.name ?? channel;
    return (
      <NoMatch
        title={words.noMatch}
        remove={words.removeFilter}
        onRemove={() => setSearch({ channel: undefined })}
      >
        {words.noMatchText(name)}
      </NoMatch>
    );
  }
  if (status !== "open") return <Empty title={words.emptyTab[status]}>{words.emptyTabText}</Empty>;
  return channels.length > 0 ? (
    <Empty title={words.emptyTab.open}>{words.empty.text}</Empty>
  ) : (
    <Empty
      title={words.empty.title}
      act={<ButtonLink to="/channels/new">{words.empty.connect}</ButtonLink>}
    >
      {words.empty.text}
    </Empty>
  );
}
