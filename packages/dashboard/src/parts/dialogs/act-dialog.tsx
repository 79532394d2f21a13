import type { ReactNode } from "react";
import { partWords } from "../../words/index.ts";
import { Button } from "../controls/button.tsx";
import { OnModEnter } from "../controls/mod-enter.tsx";
import { Dialog } from "./dialog.tsx";

/** A dialog that does one thing: Esc leaves it be, ⌘↵ does it, once at a time and not while it is refused. */
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
  const run = () => {
    if (refusal === null && !busy) onAct();
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
      foot={
        <>
          {aside !== undefined && <span className="mr-auto -ml-2.5">{aside}</span>}
          <Button keys="Esc" onClick={onClose}>
            {keep}
          </Button>
          <Button
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
      {children}
    </Dialog>
  );
}
