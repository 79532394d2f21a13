import { useState } from "react";
import { encode } from "uqr";
import { Field, Input } from "../../parts/controls/field.tsx";
import { ActDialog } from "../../parts/dialogs/act-dialog.tsx";
import { useAct } from "../../parts/toasts/act.ts";
import { CopyButton } from "../../parts/values/copy.tsx";
import { verifyCode } from "../../session/sign-in.ts";
import { settingsWords } from "../../words/index.ts";

const words = settingsWords.factor;
const DIGITS = 6;

/** The key as a QR code and as text; the first right code switches the second factor on. */
export function AddAuthenticator({
  uri,
  onClose,
  onDone,
}: {
  /** `otpauth://totp/…` */
  uri: string;
  onClose(): void;
  onDone(): void;
}) {
  const [code, setCode] = useState("");
  const verify = useAct({
    does: () => verifyCode({ code: code.trim(), isBackup: false, trustDevice: false }),
    changes: [],
    failed: words.title,
    onDone,
    onRefused: () => true,
  });
  return (
    <ActDialog
      onClose={onClose}
      title={words.scanTitle}
      text={words.scanText}
      does={words.verify}
      busy={verify.isBusy}
      refusal={code.trim().length === DIGITS ? null : words.needsCode}
      onAct={() => void verify.run()}
    >
      <div className="flex gap-5 phone:flex-col">
        <Qr text={uri} />
        <div className="min-w-0 flex-1">
          <Shown label={words.key} text={secretIn(uri)} what={words.keyOf} isGrouped />
          <Shown label={words.uri} text={uri} what={words.uriOf} />
          <Field label={words.code} stacked error={verify.refusal?.message}>
            {(control) => (
              <Input
                {...control}
                className="font-mono"
                inputMode="numeric"
                autoComplete="one-time-code"
                maxLength={DIGITS}
                value={code}
                onChange={(event) => setCode(event.target.value)}
              />
            )}
          </Field>
        </div>
      </div>
    </ActDialog>
  );
}

function secretIn(uri: string): string {
  return new URL(uri).searchParams.get("secret") ?? "";
}

function Shown({
  label,
  text,
  what,
  isGrouped = false,
}: {
  label: string;
  text: string;
  what: string;
  isGrouped?: boolean;
}) {
  return (
    <div className="pb-2">
      <span className="flex items-center justify-between font-medium">
        {label}
        <CopyButton text={text} what={what} />
      </span>
      <code
        className={
          isGrouped ? "block text-xs break-words text-fg-2" : "block truncate text-xs text-fg-2"
        }
        title={text}
      >
        {isGrouped ? (text.match(/.{1,4}/g) ?? []).join(" ") : text}
      </code>
    </div>
  );
}

/** Dark on light in either theme: many readers know no other. */
function Qr({ text }: { text: string }) {
  const { data, size } = encode(text, { border: 3 });
  const path = data
    .flatMap((row, y) => row.map((isDark, x) => (isDark ? `M${x} ${y}h1v1h-1z` : "")))
    .join("");
  return (
    <svg
      role="img"
      aria-label={words.qr}
      viewBox={`0 0 ${size} ${size}`}
      shapeRendering="crispEdges"
      className="size-44 flex-none self-start rounded-md border border-border"
    >
      <path fill="#fff" d={`M0 0h${size}v${size}h-${size}z`} />
      <path fill="#000" d={path} />
    </svg>
  );
}
