import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, taken } from "../../api/client.ts";
import { useMe } from "../../api/me.ts";
import { cx } from "../../parts/class-names.ts";
import { Choice, Field, Input } from "../../parts/controls/field.tsx";
import { Segments } from "../../parts/controls/segments.tsx";
import { Checkbox } from "../../parts/controls/switches.tsx";
import { ActDialog } from "../../parts/dialogs/act-dialog.tsx";
import { useAct } from "../../parts/toasts/act.ts";
import { useApiCall } from "../../parts/values/api-call.tsx";
import { apiKeyWords } from "../../words/index.ts";
import { now } from "../../words/ticking.ts";
import type { MadeKey } from "./key-state.ts";
import { EVERY_SCOPE, type Preset, SCOPE_LINES, scopesOf } from "./scopes.ts";

const words = apiKeyWords.new;
const DAY_MS = 86_400_000;
type Expiry = keyof typeof words.expiry;
const DAYS: Record<Expiry, number | null> = {
  never: null,
  day: 1,
  month: 30,
  quarter: 90,
  year: 365,
};
const EXPIRIES = ["never", "day", "month", "quarter", "year"] as const;
const PRESETS: readonly Preset[] = ["all", "send", "watch", "chosen"];

/** What a new key is called, what it may, where, and until when. */
export function NewKey({ onClose, onMade }: { onClose(): void; onMade(made: MadeKey): void }) {
  const me = useMe();
  const [name, setName] = useState("");
  const [preset, setPreset] = useState<Preset>("send");
  const [ticked, setTicked] = useState<readonly string[]>([]);
  const [account, setAccount] = useState("");
  const [expiry, setExpiry] = useState<Expiry>("never");
  const accounts = useQuery({
    queryKey: ["accounts", "to choose"],
    queryFn: () => taken(api.GET("/v1/accounts", { params: { query: { limit: 100 } } })),
    enabled: me.scopes.includes("accounts:read"),
  });
  const scopes = scopesOf(preset, ticked, me.scopes);
  const days = DAYS[expiry];
  const body = {
    name: name.trim(),
    scopes: scopes as "*"[], // each is one of the API's, by `SCOPE_LINES`
    ...(account === "" ? {} : { account_id: account }),
    ...(days === null ? {} : { expires_at: new Date(now() + days * DAY_MS).toISOString() }),
  };
  const call = useApiCall({ method: "POST", path: "/v1/api-keys", body });
  const make = useAct({
    does: () => taken(api.POST("/v1/api-keys", { body })),
    changes: [["api-keys"]],
    failed: words.failed,
    onDone: (made) => onMade({ title: words.shown(made.name), secret: made.key }),
    onRefused: (refused) => refused.fields.length > 0,
  });
  const refusal =
    body.name === "" ? words.needsName : scopes.length === 0 ? words.needsScope : null;
  return (
    <ActDialog
      onClose={onClose}
      title={words.title}
      text={words.text}
      width={760}
      aside={call.button}
      does={words.act}
      refusal={refusal}
      busy={make.isBusy}
      onAct={() => void make.run()}
    >
      <Field label={words.name} help={words.nameHelp} error={make.refusal?.at("/name")}>
        {(control) => (
          <Input
            {...control}
            name="name"
            maxLength={100}
            placeholder={words.namePlaceholder}
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
        )}
      </Field>
      <Field label={words.may} help={words.mayHelp} error={make.refusal?.at("/scopes")}>
        {({ id }) => (
          <div id={id}>
            <Segments
              label={words.presetLabel}
              value={preset}
              options={PRESETS.map((value) => ({ value, label: words.presets[value] }))}
              onChange={(next) => {
                if (next === "chosen") setTicked(scopes.filter((scope) => scope !== "*"));
                setPreset(next);
              }}
            />
            <ScopeBoxes
              scopes={scopes}
              onChange={(next) => {
                setTicked(next);
                setPreset("chosen");
              }}
            />
          </div>
        )}
      </Field>
      <Field label={words.account} help={words.accountHelp} error={make.refusal?.at("/account_id")}>
        {(control) => (
          <Choice
            {...control}
            value={account}
            onChange={(event) => setAccount(event.target.value)}
            options={[
              { value: "", label: words.allAccounts },
              ...(accounts.data?.data.map((each) => ({ value: each.id, label: each.name })) ?? []),
            ]}
          />
        )}
      </Field>
      <Field label={words.expires} error={make.refusal?.at("/expires_at")}>
        {(control) => (
          <Choice
            {...control}
            value={expiry}
            onChange={(event) =>
              setExpiry(EXPIRIES.find((each) => each === event.target.value) ?? "never")
            }
            options={EXPIRIES.map((value) => ({ value, label: words.expiry[value] }))}
          />
        )}
      </Field>
      {call.shown}
    </ActDialog>
  );
}

/** A line a noun, a box a verb. Nobody gives what they lack. */
function ScopeBoxes({
  scopes,
  onChange,
}: {
  scopes: readonly string[];
  onChange(scopes: string[]): void;
}) {
  const me = useMe();
  const isEvery = scopes.includes("*");
  const held = isEvery ? EVERY_SCOPE : scopes;
  return (
    <ul className="mt-2.5 grid grid-cols-2 gap-x-6 phone:grid-cols-1">
      {SCOPE_LINES.map(({ noun, line = noun, verbs }) => (
        <li
          key={line}
          className="flex min-h-7 items-center gap-3 border-b border-border-subtle text-xs"
        >
          <span className="min-w-0 flex-1 truncate">{apiKeyWords.nouns[line]}</span>
          {verbs.length === 1 && (
            <span aria-hidden className={cx("w-18", verbs[0] === "read" && "order-last")} />
          )}
          {verbs.map((verb) => {
            const scope = `${noun}:${verb}`;
            const lacks = !me.scopes.includes(scope);
            return (
              // biome-ignore lint/a11y/noLabelWithoutControl: the checkbox is the control
              <label
                key={verb}
                className="flex w-18 items-center gap-1.75 text-fg-2"
                title={lacks ? words.lacking(scope) : scope}
              >
                <Checkbox
                  checked={held.includes(scope)}
                  disabled={lacks}
                  label={`${apiKeyWords.nouns[line]}: ${apiKeyWords.verbs[verb]}`}
                  onChange={(checked) =>
                    onChange(checked ? [...held, scope] : held.filter((each) => each !== scope))
                  }
                />
                {apiKeyWords.verbs[verb]}
              </label>
            );
          })}
        </li>
      ))}
    </ul>
  );
}
