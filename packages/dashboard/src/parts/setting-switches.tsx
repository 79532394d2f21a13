import { Link } from "@tanstack/react-router";
import { useId } from "react";
import type { Shape } from "../api/client.ts";
import { useMay } from "../api/me.ts";
import type { Refused } from "../api/problem.ts";
import { switchWords } from "../words/index.ts";
import { Button } from "./controls/button.tsx";
import { Switch } from "./controls/switches.tsx";
import { useAct } from "./toasts/act.ts";
import { Id } from "./values/id.tsx";
import { Note } from "./values/note.tsx";

type Settings = Shape<"Settings">;
type Change = Shape<"SettingsChange">;
type Name = keyof Settings;
type Level = "workspace" | "account" | "channel";

const words = switchWords;
const NAMES: readonly Name[] = ["ai_enabled", "external_reply_mode", "inbound_body_purge"];

/**
 * How conversations are handled, at one level. What a channel does not say itself its account says,
 * then the workspace. What stands in the way of purging is named, each place with its link.
 */
export function SettingSwitches({
  level,
  holding,
  own,
  canPurge = true,
  needs,
  change,
  changes,
}: {
  level: Level;
  holding: Settings;
  /** What this level says itself. */
  own: Shape<"OwnSettings">;
  /** False where the provider keeps what was written. */
  canPurge?: boolean;
  needs: string;
  change(settings: Change): Promise<unknown>;
  /** Beginnings of the query keys that are out of date afterwards. */
  changes: readonly (readonly unknown[])[];
}) {
  const may = useMay(needs);
  const act = useAct({
    does: change,
    changes,
    failed: words.failed,
    // Said beside the switches, with what would help.
    onRefused: ({ code }) => code === "purge_conflict",
  });
  const conflict = act.refusal?.code === "purge_conflict" ? act.refusal : null;
  return (
    <div className="max-w-180">
      {NAMES.map((name) => {
        const isImpossible = name === "inbound_body_purge" && !canPurge;
        const isOwn = own[name] !== undefined;
        return (
          <Line
            key={name}
            label={words[name].name}
            help={isImpossible ? words.inbound_body_purge.not : words[name].help}
            reason={may.reason ?? null}
            checked={holding[name]}
            disabled={isImpossible || !may.may || act.isBusy}
            onChange={(checked) => void act.run({ [name]: checked })}
            origin={
              level === "workspace" || isImpossible ? null : isOwn ? words.here : words.above[level]
            }
            onReset={
              level !== "workspace" && isOwn && !isImpossible
                ? () => void act.run({ [name]: null })
                : null
            }
          />
        );
      })}
      {conflict && (
        <div role="alert">
          <Note tone="warning" className="mt-2">
            <b>{words.conflict.title}</b>
            <ul className="my-1 list-disc pl-4.5">
              {conflictsOf(conflict).map((place) => (
                <li key={place.id}>
                  {words.conflict.levels[place.level]} <PlaceLink {...place} />
                </li>
              ))}
            </ul>
            <p>{words.conflict.text}</p>
            {!holding.inbound_body_purge && (
              <p className="mt-2 flex flex-wrap gap-2">
                <Button
                  size="sm"
                  needs={needs}
                  onClick={() =>
                    void act.run({ inbound_body_purge: true, external_reply_mode: true })
                  }
                >
                  {words.conflict.turnModeOn}
                </Button>
                <Button
                  size="sm"
                  needs={needs}
                  onClick={() => void act.run({ inbound_body_purge: true, ai_enabled: false })}
                >
                  {words.conflict.turnAiOff}
                </Button>
              </p>
            )}
            {conflict.requestId !== null && <Id id={conflict.requestId} shown="always" />}
          </Note>
        </div>
      )}
    </div>
  );
}

interface Place {
  level: Level;
  id: string;
  name: string;
}

/** The places that a `purge_conflict` names. */
function conflictsOf({ more }: Refused): Place[] {
  const { conflicts } = more;
  return Array.isArray(conflicts) ? conflicts : []; // as the server's own refusal has them
}

function PlaceLink({ level, id, name }: Place) {
  const face = { className: "text-accent underline underline-offset-3", children: name };
  if (level === "channel") return <Link to="/channels/$id" params={{ id }} {...face} />;
  if (level === "account") return <Link to="/accounts" search={{ open: id } as never} {...face} />;
  return <Link to="/settings" {...face} />;
}

function Line({
  label,
  help,
  reason,
  checked,
  disabled,
  onChange,
  origin,
  onReset,
}: {
  label: string;
  help: string;
  /** Why your role cannot change it. */
  reason: string | null;
  checked: boolean;
  disabled: boolean;
  onChange(checked: boolean): void;
  origin: string | null;
  onReset: (() => void) | null;
}) {
  const id = useId();
  return (
    <div className="grid grid-cols-[28px_minmax(0,1fr)_auto] items-start gap-x-3 border-t border-border-subtle py-2.75 first:border-0">
      <span className="mt-0.5 flex" data-hint={reason ?? undefined}>
        <Switch id={id} checked={checked} onChange={onChange} disabled={disabled} label={label} />
      </span>
      <span className="min-w-0">
        <label htmlFor={id} className="font-medium">
          {label}
        </label>
        <span className="block text-fg-3">{help}</span>
        {reason !== null && <span className="block text-xs text-fg-3">{reason}</span>}
      </span>
      <span className="text-right text-xs text-fg-3 phone:col-start-2 phone:text-left">
        {origin}
        {onReset && (
          <button
            type="button"
            onClick={onReset}
            aria-disabled={disabled || undefined}
            className="ml-auto block min-h-6 text-accent phone:ml-0 hover:underline"
          >
            {words.reset}
          </button>
        )}
      </span>
    </div>
  );
}
