import { Check, Copy, Download } from "lucide-react";
import { useRef, useState } from "react";
import { Button, buttonClass } from "../../parts/controls/button.tsx";
import { OnModEnter } from "../../parts/controls/mod-enter.tsx";
import { CheckLine } from "../../parts/controls/switches.tsx";
import { Dialog } from "../../parts/dialogs/dialog.tsx";
import { copyText } from "../../parts/values/copy.tsx";
import { partWords, settingsWords } from "../../words/index.ts";

const words = settingsWords.factor;

/** Shown once: a tick allows Done. */
export function BackupCodes({ codes, onDone }: { codes: readonly string[]; onDone(): void }) {
  const [copied, setCopied] = useState(false);
  const [stored, setStored] = useState(false);
  const ends = useRef<HTMLButtonElement>(null);
  const text = `${codes.join("\n")}\n`;
  return (
    <Dialog
      open
      onOpenChange={() => {}}
      dismissible={false}
      title={words.codesTitle}
      text={words.codesText}
      foot={
        <>
          <a
            className={`${buttonClass("quiet")} mr-auto -ml-2.5`}
            download="curlew-backup-codes.txt"
            href={`data:text/plain;charset=utf-8,${encodeURIComponent(text)}`}
          >
            <Download size={14} strokeWidth={1.75} aria-hidden className="text-fg-3" />
            {words.download}
          </a>
          <Button
            ref={ends}
            kind="primary"
            keys="⌘↵"
            refusal={stored ? null : words.codesStored}
            onClick={onDone}
          >
            {partWords.secret.done}
          </Button>
        </>
      }
    >
      <OnModEnter run={() => (stored ? onDone() : ends.current?.focus())} />
      <div className="rounded-md border border-border-strong bg-surface-sunken p-3">
        <ul className="grid grid-cols-2 gap-x-4 gap-y-1" data-secret>
          {codes.map((code) => (
            <li key={code}>
              <code className="text-sm">{code}</code>
            </li>
          ))}
        </ul>
      </div>
      <div className="mt-3.5 flex items-center gap-4">
        <CheckLine checked={stored} onChange={setStored}>
          {words.codesStored}
        </CheckLine>
        <Button
          className="ml-auto"
          icon={copied ? Check : Copy}
          onClick={() => void copyText(text).then(setCopied)}
        >
          {copied ? partWords.copied : words.copyAll}
        </Button>
      </div>
    </Dialog>
  );
}
