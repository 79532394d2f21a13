import { useState } from "react";
import { Field, Input } from "../../parts/controls/field.tsx";
import { ActDialog } from "../../parts/dialogs/act-dialog.tsx";
import { useAct } from "../../parts/toasts/act.ts";
import { settingsWords } from "../../words/index.ts";
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
  const [password, setPassword] = useState("");
  const go = useAct({
    does: () => askAccount<Given>(PATHS[act], { password }),
    changes: [],
    failed: words.title,
    onDone,
    onRefused: () => true,
  });
  return (
    <ActDialog
      onClose={onClose}
      title={words.passwordTitle[act]}
      text={words.passwordText[act]}
      width={460}
      does={words.passwordAct[act]}
      danger={act === "disable"}
      busy={go.isBusy}
      refusal={password === "" ? words.needsPassword : null}
      onAct={() => void go.run()}
    >
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
    </ActDialog>
  );
}
