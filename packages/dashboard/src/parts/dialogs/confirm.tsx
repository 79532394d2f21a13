import { type ReactNode, useState } from "react";
import { number } from "../../words/format.ts";
import { partWords } from "../../words/index.ts";
import { Field, Input } from "../controls/field.tsx";
import { type ApiCall, useApiCall } from "../values/api-call.tsx";
import { ActDialog } from "./act-dialog.tsx";

const TYPED_ABOVE = 1_000;

/**
 * Asks before an act that cannot be taken back. The title is verb, count and object; the body says
 * which, what, how fast and when it stops; the button repeats verb and count.
 */
export function Confirm({
  open,
  onClose,
  title,
  text,
  children,
  does,
  keep = partWords.cancel,
  danger = false,
  count = null,
  counted,
  call,
  needs,
  busy = false,
  refusal = null,
  onConfirm,
}: {
  open: boolean;
  onClose(): void;
  title: string;
  text?: ReactNode;
  children?: ReactNode;
  /** `Replay 1,126` */
  does: string;
  /** What not doing it is called: `Keep it`. */
  keep?: string;
  danger?: boolean;
  /** How many it concerns; above 1,000 the number is typed. */
  count?: number | null;
  /** Of what is counted while the dialog stands: when, or that it is under way. It has the room that the number may need. */
  counted?: string;
  call?: ApiCall;
  needs?: string;
  busy?: boolean;
  refusal?: string | null;
  onConfirm(): void;
}) {
  const [typed, setTyped] = useState("");
  const api = useApiCall(call ?? { method: "GET", path: "/" });
  const mustType = count !== null && count > TYPED_ABOVE;
  const isTyped = !mustType || Number(typed.replaceAll(/[ ,.]/g, "")) === count;
  const close = () => {
    setTyped("");
    onClose();
  };
  return (
    <ActDialog
      open={open}
      onClose={close}
      title={title}
      text={text}
      {...(call ? { aside: api.button } : {})}
      keep={keep}
      does={does}
      danger={danger}
      {...(needs === undefined ? {} : { needs })}
      busy={busy}
      refusal={refusal ?? (isTyped ? null : partWords.confirm.typed(number(count ?? 0)))}
      onAct={onConfirm}
    >
      {children}
      {(mustType || counted !== undefined) && (
        <div className="min-h-[calc(var(--control-lg)+38px)]">
          {mustType && (
            <Field label={partWords.confirm.typed(number(count))} stacked>
              {(control) => (
                <span className="flex items-center gap-3">
                  <Input
                    {...control}
                    inputMode="numeric"
                    className="w-32!"
                    value={typed}
                    onChange={(event) => setTyped(event.target.value)}
                  />
                  <span className="text-xs text-fg-3">{counted}</span>
                </span>
              )}
            </Field>
          )}
          {!mustType && <p className="py-1.5 text-xs text-fg-3">{counted}</p>}
        </div>
      )}
      {call && api.shown}
    </ActDialog>
  );
}
