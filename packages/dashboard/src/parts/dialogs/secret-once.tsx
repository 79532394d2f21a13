import { Check, Copy, Download } from "lucide-react";
import { useRef, useState } from "react";
import { partWords } from "../../words/index.ts";
import { Button, buttonClass } from "../controls/button.tsx";
import { OnModEnter } from "../controls/mod-enter.tsx";
import { CheckLine } from "../controls/switches.tsx";
import { copyText } from "../values/copy.tsx";
import { Dialog } from "./dialog.tsx";

/** A secret that is shown once: copied or downloaded, and a tick that allows Done. */
export function SecretOnce({
  title,
  secret,
  variable,
  text = partWords.secret.once,
  storedLabel = partWords.secret.stored,
  onDone,
}: {
  title: string;
  /** Null while there is none to show. */
  secret: string | null;
  /** Its name in the `.env` file; absent for what goes into none, as a link. */
  variable?: string;
  text?: string;
  storedLabel?: string;
  onDone(): void;
}) {
  const [copied, setCopied] = useState(false);
  const [stored, setStored] = useState(false);
  const ends = useRef<HTMLButtonElement>(null);
  const done = () => {
    setCopied(false);
    setStored(false);
    onDone();
  };
  return (
    <Dialog
      open={secret !== null}
      onOpenChange={() => {}}
      dismissible={false}
      title={title}
      text={text}
      foot={
        <>
          {variable !== undefined && (
            <a
              className={`${buttonClass("quiet")} mr-auto -ml-2.5`}
              download=".env"
              href={`data:text/plain;charset=utf-8,${encodeURIComponent(`${variable}=${secret ?? ""}\n`)}`}
            >
              <Download size={14} strokeWidth={1.75} aria-hidden className="text-fg-3" />
              {partWords.secret.download}
            </a>
          )}
          <Button
            ref={ends}
            kind="primary"
            keys="⌘↵"
            refusal={stored ? null : storedLabel}
            onClick={done}
          >
            {partWords.secret.done}
          </Button>
        </>
      }
    >
      {secret !== null && <OnModEnter run={() => (stored ? done() : ends.current?.focus())} />}
      <div className="flex items-center gap-1.5 rounded-md border border-border-strong bg-surface-sunken py-1.5 pr-1.5 pl-3">
        <code className="min-w-0 flex-1 text-sm break-all" data-secret>
          {secret}
        </code>
        <Button
          icon={copied ? Check : Copy}
          onClick={() => void copyText(secret ?? "").then(setCopied)}
        >
          {copied ? partWords.copied : partWords.copy}
        </Button>
      </div>
      <CheckLine checked={stored} onChange={setStored} className="mt-3.5">
        {storedLabel}
      </CheckLine>
    </Dialog>
  );
}
