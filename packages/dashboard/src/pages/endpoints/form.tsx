import { useQuery } from "@tanstack/react-query";
import { ChevronDown } from "lucide-react";
import { type ReactNode, useId, useState } from "react";
import type { Refused } from "../../api/problem.ts";
import { cx } from "../../parts/class-names.ts";
import { Choice, Field, Input } from "../../parts/controls/field.tsx";
import { CheckLine } from "../../parts/controls/switches.tsx";
import { ChannelTile } from "../../parts/values/channel.tsx";
import { wait } from "../../words/format.ts";
import { endpointWords, partWords } from "../../words/index.ts";
import { type Draft, KINDS, waitsIn } from "./draft.ts";
import { accountsQuery, dialectsQuery, eventTypesQuery } from "./queries.ts";

const words = endpointWords.form;

/** The fields of an endpoint, checked while they are typed and never in the way. */
export function EndpointForm({
  draft,
  onChange,
  isNew,
  refused,
  missing = {},
  urlFinding,
}: {
  draft: Draft;
  onChange(change: Partial<Draft>): void;
  isNew: boolean;
  /** Of the last time that it was sent. */
  refused: Refused | null;
  /** By pointer, what it cannot be sent without. */
  missing?: Readonly<Record<string, string>>;
  urlFinding?: { ok: boolean; text: string } | null;
}) {
  return (
    <>
      <Field
        label={words.name}
        help={words.nameHelp}
        error={missing["/name"] ?? refused?.at("/name")}
      >
        {(control) => (
          <Input
            {...control}
            name="name"
            value={draft.name}
            autoFocus={isNew}
            maxLength={100}
            onChange={(event) => onChange({ name: event.target.value })}
          />
        )}
      </Field>
      <Field
        label={words.url}
        finding={urlFinding?.ok === true ? urlFinding.text : null}
        error={
          missing["/url"] ??
          refused?.at("/url") ??
          (urlFinding?.ok === false ? urlFinding.text : undefined)
        }
      >
        {(control) => (
          <Input
            {...control}
            type="url"
            name="url"
            inputMode="url"
            className="font-mono text-xs!"
            placeholder="https://"
            value={draft.url}
            onChange={(event) => onChange({ url: event.target.value })}
          />
        )}
      </Field>
      <DialectField draft={draft} onChange={onChange} isNew={isNew} />
      <EventsField draft={draft} onChange={onChange} error={refused?.at("/events")} />
      <OnlyFrom draft={draft} onChange={onChange} />
      <Delivery draft={draft} onChange={onChange} refused={refused} />
      <button type="submit" hidden />
    </>
  );
}

interface PartProps {
  draft: Draft;
  onChange(change: Partial<Draft>): void;
}

/** A group of choices under one label at the left. */
function Group({ label, help, children }: { label: string; help: string; children: ReactNode }) {
  const name = useId();
  return (
    <fieldset aria-labelledby={name} className="border-t border-border-subtle py-3">
      <div className="grid grid-cols-[132px_minmax(0,1fr)] gap-x-5 gap-y-2 phone:grid-cols-1">
        <div className="pt-1.5">
          <span id={name} className="block font-medium">
            {label}
          </span>
          <p className="text-xs/4 text-fg-3">{help}</p>
        </div>
        <div className="min-w-0">{children}</div>
      </div>
    </fieldset>
  );
}

function DialectField({ draft, onChange, isNew }: PartProps & { isNew: boolean }) {
  const { data } = useQuery(dialectsQuery);
  const shown = (data ?? []).filter(({ name }) => isNew || name === draft.dialect);
  return (
    <Group label={words.dialect} help={isNew ? words.dialectHelp : words.dialectKept}>
      <div className="overflow-hidden rounded-md border border-border-strong shadow-1">
        {shown.map(({ name, retry_schedule: waits }) => (
          <label
            key={name}
            className={cx(
              "grid min-h-9 grid-cols-[14px_86px_minmax(0,1fr)_auto] items-center gap-x-2.5 border-t border-border-subtle px-3 first:border-0 has-focus-visible:outline-2 has-focus-visible:-outline-offset-2 has-focus-visible:outline-focus phone:grid-cols-[14px_1fr] phone:py-2",
              name === draft.dialect && "bg-surface-selected",
            )}
          >
            <input
              type="radio"
              name="dialect"
              value={name}
              checked={name === draft.dialect}
              disabled={!isNew}
              onChange={() => onChange({ dialect: name, everything: true, events: new Set() })}
              className="radio"
            />
            <code className="text-xs">{name}</code>
            <span className="truncate text-fg-2 phone:col-start-2 phone:whitespace-normal">
              {words.dialects[name]}
            </span>
            <span className="tnum text-xs text-fg-3 phone:col-start-2">
              {words.schedule(waits.length, wait(waits.reduce((sum, each) => sum + each, 0)))}
            </span>
          </label>
        ))}
      </div>
    </Group>
  );
}

function EventsField({ draft, onChange, error }: PartProps & { error: string | undefined }) {
  const { data: dialects } = useQuery(dialectsQuery);
  const { data: types } = useQuery(eventTypesQuery);
  const [wanted, setWanted] = useState("");
  const own = dialects?.find(({ name }) => name === draft.dialect)?.events;
  const described = new Map((types ?? []).map(({ type, description }) => [type, description]));
  const all = own
    ? [...new Map(own.map(({ name, type }) => [name, described.get(type) ?? type]))]
    : (types ?? []).map(({ type, description }) => [type, description] as const);
  const needle = wanted.trim().toLowerCase();
  const shown = all.filter(([name, text]) => `${name} ${text}`.toLowerCase().includes(needle));
  const refusal =
    error ?? (!draft.everything && draft.events.size === 0 ? words.noEvent : undefined);
  return (
    <Group label={words.events} help={words.eventsHelp}>
      <CheckLine
        checked={draft.everything}
        onChange={(everything) => onChange({ everything })}
        className="pt-1.5"
      >
        {words.everything} <span className="text-xs text-fg-3">{words.everythingText}</span>
      </CheckLine>
      {!draft.everything && (
        <div className="mt-2 rounded-md border border-border">
          {all.length > 12 && (
            <Input
              aria-label={words.find}
              placeholder={words.find}
              value={wanted}
              onChange={(event) => setWanted(event.target.value)}
              className="rounded-b-none border-0 border-b shadow-none!"
            />
          )}
          <ul
            className="max-h-64 overflow-y-auto px-3 py-1.5"
            // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached without a mouse
            tabIndex={0}
            aria-label={words.events}
          >
            {shown.map(([name, text]) => (
              <li key={name} className="min-h-6.75 py-0.5">
                <CheckLine
                  checked={draft.events.has(name)}
                  onChange={(checked) => onChange({ events: changed(draft.events, name, checked) })}
                >
                  <span className="grid grid-cols-[184px_minmax(0,1fr)] gap-2.5 phone:grid-cols-1">
                    <code className="truncate text-xs/5" title={name}>
                      {name}
                    </code>
                    <span className="truncate text-xs/5 text-fg-3" title={text}>
                      {text}
                    </span>
                  </span>
                </CheckLine>
              </li>
            ))}
          </ul>
        </div>
      )}
      {refusal !== undefined && (
        <p role="alert" className="mt-1.5 text-xs/4 text-dead">
          {refusal}
        </p>
      )}
    </Group>
  );
}

function OnlyFrom({ draft, onChange }: PartProps) {
  const { data: accounts } = useQuery(accountsQuery);
  return (
    <Group label={words.only} help={words.onlyHelp}>
      <p className="pt-1.5 text-xs text-fg-3">{words.channels}</p>
      <div className="mt-1.5 flex flex-wrap gap-x-5 gap-y-2">
        {KINDS.map((kind) => (
          <CheckLine
            key={kind}
            checked={draft.channels.has(kind)}
            onChange={(checked) => onChange({ channels: changed(draft.channels, kind, checked) })}
          >
            <span className="inline-flex items-center gap-1.5">
              <ChannelTile kind={kind} size={15} isNamed />
              {partWords.channels[kind]}
            </span>
          </CheckLine>
        ))}
      </div>
      {accounts && accounts.length > 0 && (
        <>
          <p className="mt-3 text-xs text-fg-3">{words.accounts}</p>
          <div className="mt-1.5 flex flex-wrap gap-x-5 gap-y-2">
            {accounts.map(({ id, name }) => (
              <CheckLine
                key={id}
                checked={draft.accounts.has(id)}
                onChange={(checked) => onChange({ accounts: changed(draft.accounts, id, checked) })}
              >
                {name}
              </CheckLine>
            ))}
          </div>
        </>
      )}
    </Group>
  );
}

function Delivery({ draft, onChange, refused }: PartProps & { refused: Refused | null }) {
  const text = (name: "rate" | "timeout" | "waits" | "campaigns" | "fields") => ({
    value: draft[name],
    onChange: (event: { target: { value: string } }) => onChange({ [name]: event.target.value }),
  });
  return (
    <details className="group border-t border-border-subtle">
      <summary className="flex min-h-11 items-center gap-5 -outline-offset-2">
        <span className="w-33 font-medium">{words.delivery}</span>
        <span className="min-w-0 flex-1 text-xs text-fg-3">{words.deliveryHelp}</span>
        <ChevronDown
          size={15}
          strokeWidth={1.75}
          aria-hidden
          className="flex-none text-fg-3 group-open:rotate-180"
        />
      </summary>
      <Field label={words.ordering}>
        {(control) => (
          <Choice
            {...control}
            value={draft.ordering}
            onChange={(event) =>
              onChange({
                ordering: event.target.value === "conversation" ? "conversation" : "parallel",
              })
            }
            options={(["parallel", "conversation"] as const).map((value) => ({
              value,
              label: words.orderings[value],
            }))}
          />
        )}
      </Field>
      <Field
        label={words.waits}
        help={words.waitsHelp}
        error={
          refused?.at("/retry_schedule") ??
          (waitsIn(draft.waits) === null ? words.waitsWrong : undefined)
        }
      >
        {(control) => (
          <Input
            {...control}
            inputMode="numeric"
            className="font-mono text-xs!"
            {...text("waits")}
          />
        )}
      </Field>
      <Field label={words.timeout} help={words.timeoutHelp} error={refused?.at("/timeout_ms")}>
        {(control) => (
          <Input {...control} type="number" min={100} max={60000} {...text("timeout")} />
        )}
      </Field>
      <Field label={words.rate} help={words.rateHelp} error={refused?.at("/rate_limit")}>
        {(control) => <Input {...control} type="number" min={1} max={10000} {...text("rate")} />}
      </Field>
      <Field label={words.fields} help={words.listHelp} error={refused?.at("/custom_fields")}>
        {(control) => <Input {...control} {...text("fields")} />}
      </Field>
      <Field label={words.campaigns} help={words.listHelp} error={refused?.at("/campaign_ids")}>
        {(control) => <Input {...control} {...text("campaigns")} />}
      </Field>
    </details>
  );
}

function changed(set: ReadonlySet<string>, value: string, isIn: boolean): ReadonlySet<string> {
  const next = new Set(set);
  if (isIn) next.add(value);
  else next.delete(value);
  return next;
}
