import { type FormEvent, useId, useState } from "react";
import { Button } from "../../parts/controls/button.tsx";
import { Field, Input } from "../../parts/controls/field.tsx";
import { Dialog } from "../../parts/dialogs/dialog.tsx";
import { useAct } from "../../parts/toasts/act.ts";
import { partWords, settingsWords } from "../../words/index.ts";
import { askAccount } from "./own-account.ts";

export type FactorAct = "enable" | "disable" | "codes";

interface Given {
  totpURI?: string;
  backupCodes?: string[];
}

const words = settingsWords.factor;
const PATHS: Record<FactorAct, string> = {
  enable: "two-factor/enable",
  disable: "two-factor/disable",
  codes: "two-factor/generate-backup-codes",
};

/** Whoever finds the browser open must not change how it is opened: the password is asked again. */
export function PasswordAsk({
  act,
  onClose,
  onDone,
}: {
  act: FactorAct;
  onClose(): void;
  onDone(given: Given): void;
}) {
  const form = useId();
  const [password, setPassword] = useState("");
  const go = useAct({
    does: () => askAccount<Given>(PATHS[act], { password }),
    changes: [],
    failed: words.title,
    onDone,
    onRefused: () => true,
  });
  const refusal = password === "" ? words.needsPassword : null;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (refusal === null && !go.isBusy) void go.run();
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={words.passwordTitle[act]}
      text={words.passwordText[act]}
      width={460}
      foot={
        <>
          <Button keys="Esc" onClick={onClose}>
            {partWords.cancel}
          </Button>
          <Button
            type="submit"
            form={form}
            kind={act === "disable" ? "danger" : "primary"}
            busy={go.isBusy}
            refusal={refusal}
          >
            {words.passwordAct[act]}
          </Button>
        </>
      }
    >
      <form id={form} onSubmit={submit}>
        <Field label={words.password} stacked error={go.refusal?.message}>
          {(control) => (
            <Input
              {...control}
              type="password"
              autoComplete="current-password"
              value={password}
              onChange={(event) => setPassword(event.target.value)}
            />
          )}
        </Field>
      </form>
    </Dialog>
  );
}
