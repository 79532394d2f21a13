import { type FormEvent, type KeyboardEvent, type ReactNode, useRef } from "react";
import { partWords } from "../../words/index.ts";
import { Button } from "../controls/button.tsx";
import { OnModEnter } from "../controls/mod-enter.tsx";
import { Dialog } from "./dialog.tsx";

/** What is typed or chosen comes first; else anything in it to begin with. */
const FIELD = "input:not([aria-hidden=true]), select, textarea";
const FIRST = "button:not([hidden]), a[href], [tabindex='0']";

/**
 * A dialog that does one thing: Esc leaves it be; ⌘↵ does it, and so does ↵ in a field; once at a time, and not while it
 * is refused. It begins in its first field; one that only asks, with the button that keeps.
 */
export function ActDialog({
  open = true,
  onClose,
  title,
  text,
  width,
  children,
  aside,
  keep = partWords.cancel,
  does,
  danger = false,
  needs,
  busy = false,
  refusal = null,
  onAct,
}: {
  open?: boolean;
  onClose(): void;
  title: ReactNode;
  text?: ReactNode;
  width?: number;
  children?: ReactNode;
  /** What else can be pressed, apart from the two: the act as a request. */
  aside?: ReactNode;
  /** What not doing it is called: `Keep it`. */
  keep?: string;
  /** What the button says. */
  does: string;
  danger?: boolean;
  /** The scope that the act needs. */
  needs?: string;
  busy?: boolean;
  /** Why it cannot be done as things are, in words. */
  refusal?: string | null;
  onAct(): void;
}) {
  const body = useRef<HTMLFormElement>(null);
  const keeps = useRef<HTMLButtonElement>(null);
  const acts = useRef<HTMLButtonElement>(null);
  const run = () => {
    if (busy) return;
    if (refusal === null) onAct();
    // There it says why not.
    else acts.current?.focus();
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    // What lies around the dialog may be a form too.
    event.stopPropagation();
    run();
  };
  const onKeyDown = ({ key, metaKey, ctrlKey, target }: KeyboardEvent) => {
    const isBox = target instanceof Element && target.matches("[role=radio], [role=checkbox]");
    if (key === "Enter" && !metaKey && !ctrlKey && isBox) run();
  };
  return (
    <Dialog
      open={open}
      onOpenChange={(isOpen) => {
        if (!isOpen) onClose();
      }}
      title={title}
      text={text}
      {...(width === undefined ? {} : { width })}
      initialFocus={(how) => {
        const field = body.current?.querySelector<HTMLElement>(FIELD);
        // A finger calls up the keyboard itself.
        if (field != null) return how === "touch" ? true : field;
        return body.current?.querySelector(FIRST) ? true : keeps.current;
      }}
      foot={
        <>
          {aside !== undefined && <span className="mr-auto -ml-2.5">{aside}</span>}
          <Button ref={keeps} keys="Esc" onClick={onClose}>
            {keep}
          </Button>
          <Button
            ref={acts}
            kind={danger ? "danger" : "primary"}
            keys="⌘↵"
            busy={busy}
            refusal={refusal}
            onClick={run}
            {...(needs === undefined ? {} : { needs })}
          >
            {does}
          </Button>
        </>
      }
    >
      <OnModEnter run={run} />
      <form ref={body} noValidate onSubmit={submit} onKeyDown={onKeyDown}>
        {children}
        <button type="submit" hidden />
      </form>
    </Dialog>
  );
}
