import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useMay } from "../../api/me.ts";
import { cx } from "../../parts/class-names.ts";
import { ChannelTile, isChannelKind } from "../../parts/values/channel.tsx";
import { Id } from "../../parts/values/id.tsx";
import { Properties } from "../../parts/values/properties.tsx";
import { Glyph, type ShownState } from "../../parts/values/state.tsx";
import { Age, Moment } from "../../parts/values/time.tsx";
import { moment, wait } from "../../words/format.ts";
import { inboxWords, partWords } from "../../words/index.ts";
import { useTicking } from "../../words/ticking.ts";
import { accountQuery } from "../channels/accounts.ts";
import { addressOf, nameOf } from "./person/person.ts";
import { type Conversation, conversationsOfQuery, eventOfQuery, whyQuery } from "./queries.ts";
import { hasWindow, wayOf } from "./window.ts";

const words = inboxWords;
const DAY_MS = 86_400_000;

/** Beside a thread: may I still write freely, who is it, where did it go. */
export function Aside({
  conversation,
  whyMessage,
}: {
  conversation: Conversation;
  whyMessage: string | undefined;
}) {
  return (
    <>
      <Part title={words.window.title}>
        <Window conversation={conversation} />
      </Part>
      <Part title={words.contact.title}>
        <Contact conversation={conversation} />
      </Part>
      <Others conversation={conversation} />
      <Why messageId={whyMessage} />
    </>
  );
}

function Part({ title, end, children }: { title: string; end?: ReactNode; children: ReactNode }) {
  return (
    <section className="border-b border-border px-4 pt-3 pb-3.5 last:border-0">
      <h2 className="mb-2 flex min-h-5 items-center gap-2 font-medium">
        {title}
        {end !== undefined && <span className="ml-auto font-normal">{end}</span>}
      </h2>
      {children}
    </section>
  );
}

/** Bars of what is left: of a day for everybody, of seven for a person. */
function Window({ conversation }: { conversation: Conversation }) {
  const { channel, window, last_inbound_at: last } = conversation;
  const way = useTicking((now) => wayOf(conversation, now));
  const { blocked_by: blockedBy } = conversation;
  if (blockedBy !== null) return <p className="text-fg-2">{words.window.blocked[blockedBy]}</p>;
  if (!hasWindow(channel.kind)) return <p className="text-fg-2">{words.window.none}</p>;
  if (last === null) {
    return (
      <p className="text-fg-2">
        {words.window.notYet}{" "}
        {channel.kind === "whatsapp" ? words.window.templatesNow : words.window.closed}
      </p>
    );
  }
  const note =
    channel.kind === "whatsapp"
      ? way === "templates"
        ? words.window.templatesNow
        : words.window.templates
      : way === "shut"
        ? words.window.closed
        : null;
  return (
    <div className="grid gap-1.5">
      {window.free_form_until !== null && (
        <Left
          kind={channel.kind}
          until={window.free_form_until}
          wholeMs={DAY_MS}
          open={words.window.free}
          over={words.window.freeOver}
        />
      )}
      {window.human_agent_until !== null && (
        <Left
          kind={channel.kind}
          until={window.human_agent_until}
          wholeMs={7 * DAY_MS}
          open={words.window.human}
          over={words.window.humanOver}
        />
      )}
      {note !== null && <p className="text-xs text-fg-3">{note}</p>}
    </div>
  );
}

function Left({
  kind,
  until,
  wholeMs,
  open,
  over,
}: {
  kind: Conversation["channel"]["kind"];
  until: string;
  wholeMs: number;
  open(until: string): string;
  over(until: string): string;
}) {
  const end = Date.parse(until);
  const left = useTicking((now) => (end > now ? wait(Math.ceil((end - now) / 60_000) * 60) : ""));
  const said = useTicking((now) => (end > now ? open : over)(moment(end, now)));
  const share = useTicking((now) => Math.max(0, Math.min(1, (end - now) / wholeMs)).toFixed(3));
  return (
    <div className="grid grid-cols-[18px_minmax(0,1fr)_auto] items-center gap-x-2.25 gap-y-0.5">
      <ChannelTile kind={kind} />
      <span className={cx(left === "" && "text-fg-3")}>{said}</span>
      <span className="tnum font-medium">{left}</span>
      <span className="col-span-2 col-start-2 mt-0.5 h-0.75 overflow-hidden rounded-full bg-surface-active">
        <span
          className="block h-full bg-accent-solid"
          style={{ width: `${Number(share) * 100}%` }}
        />
      </span>
    </div>
  );
}

function Contact({ conversation }: { conversation: Conversation }) {
  const { contact, channel, account_id: accountId } = conversation;
  const may = useMay("accounts:read");
  const account = useQuery({
    ...accountQuery(accountId ?? ""),
    enabled: accountId !== null && may.may,
  });
  const fields = Object.entries(contact.custom_fields).filter(
    ([, value]) => typeof value === "string" || typeof value === "number",
  );
  return (
    <Properties
      items={[
        ...contact.identities.map(
          (each, n) =>
            [
              contact.identities.findIndex(({ channel: kind }) => kind === each.channel) === n
                ? isChannelKind(each.channel)
                  ? partWords.channels[each.channel]
                  : each.channel
                : each.kind,
              <span key={each.id} title={each.id}>
                {each.username === null ? each.id : `@${each.username}`}
              </span>,
            ] as const,
        ),
        [words.contact.channel, channel.name] as const,
        account.data ? ([words.contact.account, account.data.name] as const) : null,
        conversation.ticket_ref === null
          ? null
          : ([words.contact.ticket, conversation.ticket_ref] as const),
        [words.contact.since, <Moment key="since" at={conversation.created_at} />] as const,
        ...fields.map(([name, value]) => [name, String(value)] as const),
        [words.contact.id, <Id key="id" id={conversation.id} shown="always" />] as const,
      ]}
    />
  );
}

/** The same person on other channels: each has its own window. */
function Others({ conversation }: { conversation: Conversation }) {
  const { data = [] } = useQuery(conversationsOfQuery(conversation.contact.id));
  const others = data.filter(({ id }) => id !== conversation.id);
  if (others.length === 0) return null;
  return (
    <Part title={words.contact.others}>
      <ul className="grid gap-1">
        {others.map((each) => (
          <li key={each.id}>
            <Link
              to="/inbox/$id"
              params={{ id: each.id }}
              className="flex min-h-7 items-center gap-2 rounded-md px-1 -mx-1 hover:bg-surface-hover"
            >
              <ChannelTile kind={each.channel.kind} />
              <span className="min-w-0 truncate">
                {addressOf(each.contact, each.channel.kind) || nameOf(each.contact)}
              </span>
              <Age
                at={each.last_inbound_at ?? each.created_at}
                className="tnum ml-auto text-xs text-fg-3"
              />
            </Link>
          </li>
        ))}
      </ul>
    </Part>
  );
}

/** Every endpoint of the workspace: taken, with its outcome; or not, with what left it out. */
function Why({ messageId }: { messageId: string | undefined }) {
  const may = useMay("events:read");
  const isAsked = messageId !== undefined && may.may;
  const event = useQuery({ ...eventOfQuery(messageId ?? ""), enabled: isAsked });
  const eventId = event.data ?? null;
  const why = useQuery({ ...whyQuery(eventId ?? ""), enabled: eventId !== null });
  if (!may.may) return null;
  if (messageId === undefined)
    return (
      <Part title={words.why.short}>
        <p className="text-fg-3">{words.why.hint}</p>
      </Part>
    );
  const rows = why.data ?? [];
  const went = rows.filter(({ outcome }) => outcome !== "left_out").length;
  return (
    <Part
      title={why.data ? words.why.title(went, rows.length) : words.why.short}
      end={eventId !== null && <Id id={eventId} shown="always" />}
    >
      {event.data === null && <p className="text-fg-3">{words.why.noEvent}</p>}
      {why.data?.length === 0 && <p className="text-fg-3">{words.why.none}</p>}
      <ul className="grid gap-2" aria-label={words.why.what}>
        {rows.map((row) => {
          const isOut = row.outcome === "left_out";
          const of: ShownState = OUTLINES[row.outcome];
          return (
            <li
              key={row.endpoint_id}
              className="grid grid-cols-[14px_minmax(0,1fr)_auto] items-center gap-x-2.25 leading-4.5"
            >
              <span className={COLOURS[row.outcome]}>
                <Glyph of={of} />
              </span>
              <span className={cx("truncate", isOut ? "text-fg-2" : "font-medium")}>
                {row.endpoint_name}
              </span>
              <span className="text-xs text-fg-3">{words.why.outcome[row.outcome]}</span>
              <span className="col-span-2 col-start-2 text-xs text-fg-3">
                {row.detail}
                {row.attempts > 0 && ` ${words.why.attempts(row.attempts)}.`}
              </span>
            </li>
          );
        })}
      </ul>
    </Part>
  );
}

const OUTLINES = {
  pending: "pending",
  delivered: "delivered",
  dead: "dead",
  cancelled: "cancelled",
  left_out: "cancelled",
} as const;
const COLOURS = {
  pending: "text-pending",
  delivered: "text-delivered",
  dead: "text-dead",
  cancelled: "text-cancelled",
  left_out: "text-cancelled",
} as const;
