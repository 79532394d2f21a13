import { useState } from "react";
import { api, taken } from "../../api/client.ts";
import { Field, Input } from "../../parts/controls/field.tsx";
import { ActDialog } from "../../parts/dialogs/act-dialog.tsx";
import { useAct } from "../../parts/toasts/act.ts";
import { accountWords } from "../../words/index.ts";
import type { Account } from "../channels/accounts.ts";

const words = accountWords.form;

/** Makes an account, or changes the one that is given. */
export function AccountForm({
  account,
  onClose,
  onDone,
}: {
  account: Account | null;
  onClose(): void;
  onDone(account: Account): void;
}) {
  const [name, setName] = useState(account?.name ?? "");
  const [externalId, setExternalId] = useState(account?.external_id ?? "");
  const save = useAct({
    does: () => {
      const body = { name: name.trim(), external_id: externalId.trim() || null };
      return account === null
        ? taken(api.POST("/v1/accounts", { body }))
        : taken(api.PATCH("/v1/accounts/{id}", { params: { path: { id: account.id } }, body }));
    },
    changes: [["accounts"], ["account"]],
    failed: account === null ? words.failed : words.editFailed,
    onRefused: (refused) => refused.fields.length > 0,
    done: (made) => (account === null ? { fact: words.done(made.name) } : null),
    onDone,
  });
  return (
    <ActDialog
      onClose={onClose}
      title={account === null ? words.title : words.edit(account.name)}
      width={460}
      does={account === null ? words.create : words.save}
      needs="accounts:write"
      refusal={name.trim() === "" ? words.needsName : null}
      busy={save.isBusy}
      onAct={() => void save.run()}
    >
      <Field stacked label={words.name} error={save.refusal?.at("/name")}>
        {(control) => (
          <Input
            {...control}
            value={name}
            maxLength={100}
            onChange={(event) => setName(event.target.value)}
          />
        )}
      </Field>
      <Field
        stacked
        label={words.externalId}
        help={words.externalIdHelp}
        error={save.refusal?.at("/external_id")}
      >
        {(control) => (
          <Input
            {...control}
            value={externalId}
            maxLength={200}
            onChange={(event) => setExternalId(event.target.value)}
          />
        )}
      </Field>
    </ActDialog>
  );
}
