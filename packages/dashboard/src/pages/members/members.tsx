import { Plus, UserPlus } from "lucide-react";
import { useState } from "react";
import { useList } from "../../api/list.ts";
import { useMay, useMe } from "../../api/me.ts";
import { useActs } from "../../parts/acts.ts";
import { useAddress } from "../../parts/address.ts";
import { Button } from "../../parts/controls/button.tsx";
import { Split } from "../../parts/dialogs/drawer.tsx";
import { SecretOnce } from "../../parts/dialogs/secret-once.tsx";
import { fetched } from "../../parts/late/fetched.ts";
import { Late } from "../../parts/late/late.tsx";
import { ListFoot } from "../../parts/lists/list-foot.tsx";
import { type Column, RowTable } from "../../parts/lists/row-table.tsx";
import { PageHead } from "../../parts/page-head.tsx";
import { State } from "../../parts/values/state.tsx";
import { Age } from "../../parts/values/time.tsx";
import { memberWords } from "../../words/index.ts";
import { loadPeople, nameOf, type Person, roleName } from "./people.ts";
import { PersonDrawer } from "./person-drawer.tsx";
import { membersSearch } from "./search.ts";

const Invite = fetched(() => import("./invite.tsx").then((it) => it.Invite));

const words = memberWords;

/** Who may do what here, and who was asked to come? */
export function Page() {
  const [search, setSearch] = useAddress(membersSearch);
  const [made, setMade] = useState<{ email: string; link: string } | null>(null);
  const may = useMay("members:write");
  const list = useList<Person>(["members"], loadPeople);
  const invited = list.rows.filter(({ kind }) => kind === "invitation").length;
  const openForm = () => setSearch({ new: "invitation" }, { push: true });
  useActs([
    { key: "n", does: words.new.title, icon: UserPlus, run: openForm, refusal: may.reason ?? null },
  ]);
  const opened = list.rows.find(({ id }) => id === search.open);
  return (
    <>
      <Split
        drawer={
          search.open !== undefined &&
          !list.isLoading && (
            <PersonDrawer
              key={search.open}
              person={opened}
              onClose={() => setSearch({ open: undefined })}
              onStep={(by) => {
                const next = opened && list.rows[list.rows.indexOf(opened) + by];
                if (next) setSearch({ open: next.id });
              }}
            />
          )
        }
      >
        <PageHead
          title={words.title}
          {...(list.isLoading
            ? {}
            : { summary: words.summary(words.count(list.rows.length - invited), invited) })}
        >
          <Button
            kind={search.open === undefined ? "primary" : "plain"}
            icon={Plus}
            keys="N"
            needs="members:write"
            onClick={openForm}
          >
            {words.invite}
          </Button>
        </PageHead>
        <div className="h-px flex-none bg-border" />
        <RowTable
          label={words.title}
          list={list}
          columns={COLUMNS}
          idOf={({ id }) => id}
          nameOf={(person) => words.rowName(nameOf(person), roleName(person.role))}
          linkOf={({ id }) => ({ to: "/members", search: { open: id } })}
          openId={search.open ?? null}
          phone={(person) => <PhoneRow person={person} />}
          empty={null}
        />
        <ListFoot list={list} />
      </Split>
      {search.new === "invitation" && (
        <Late onLeave={() => setSearch({ new: undefined })}>
          <Invite
            onClose={() => setSearch({ new: undefined })}
            onMade={(invitation) => {
              setSearch({ new: undefined });
              setMade(invitation);
            }}
          />
        </Late>
      )}
      <SecretOnce
        title={made ? words.new.shown(made.email) : ""}
        text={words.new.once}
        storedLabel={words.new.stored}
        secret={made?.link ?? null}
        onDone={() => setMade(null)}
      />
    </>
  );
}

const COLUMNS: readonly Column<Person>[] = [
  {
    id: "name",
    head: words.columns.name,
    cell: (person) => <Name person={person} />,
  },
  {
    id: "email",
    head: words.columns.email,
    width: 280,
    from: 860,
    // Who has not come yet has no other name.
    cell: ({ kind, email }) => kind === "member" && <span className="text-fg-2">{email}</span>,
  },
  { id: "role", head: words.columns.role, width: 120, cell: ({ role }) => roleName(role) },
  {
    id: "factor",
    head: words.columns.factor,
    width: 132,
    cell: (person) => <Factor person={person} />,
  },
  {
    id: "since",
    head: words.columns.since,
    width: 84,
    align: "right",
    from: 640,
    cell: ({ created_at: at }) => <Age at={at} className="text-fg-2" />,
  },
];

function Name({ person }: { person: Person }) {
  const me = useMe();
  if (person.kind === "invitation") return <span className="text-fg-2">{person.email}</span>;
  return (
    <>
      <b title={person.name}>{person.name}</b>
      {person.id === me.person?.id && <span className="ml-1.5 text-fg-3">{words.you}</span>}
    </>
  );
}

function Factor({ person }: { person: Person }) {
  if (person.kind === "invitation") return <State of="pending">{words.invited}</State>;
  return (
    <State of={person.two_factor ? "delivered" : "cancelled"}>
      {person.two_factor ? words.factorOn : words.factorOff}
    </State>
  );
}

function PhoneRow({ person }: { person: Person }) {
  return (
    <div className="grid gap-0.5">
      <span className="flex items-center gap-2">
        <span className="truncate">
          <Name person={person} />
        </span>
        <span className="ml-auto text-fg-2">{roleName(person.role)}</span>
      </span>
      <span className="flex items-center gap-2 text-xs text-fg-3">
        {person.kind === "member" ? (
          <span className="truncate">{person.email}</span>
        ) : (
          <Factor person={person} />
        )}
      </span>
    </div>
  );
}
