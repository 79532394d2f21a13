import { useState } from "react";
import { api, taken } from "../../api/client.ts";
import { Field, Input } from "../../parts/controls/field.tsx";
import { ActDialog } from "../../parts/dialogs/act-dialog.tsx";
import { useAct } from "../../parts/toasts/act.ts";
import { channelWords } from "../../words/index.ts";
import { FIELDS, isKind } from "./kinds.ts";
import type { Channel } from "./queries.ts";

const words = channelWords.detail;

/** New credentials for a channel; what is left empty stays. */
export function CredentialsForm({
  channel,
  onClose,
  onDone,
}: {
  channel: Channel;
  onClose(): void;
  onDone(): void;
}) {
  const { id, kind, name } = channel;
  const [values, setValues] = useState<Readonly<Record<string, string>>>({});
  const given = Object.fromEntries(
    Object.entries(values).flatMap(([field, value]) =>
      value.trim() === "" ? [] : [[field, value.trim()]],
    ),
  );
  const replace = useAct({
    does: () =>
      taken(
        api.PATCH("/v1/channels/{id}", { params: { path: { id } }, body: { credentials: given } }),
      ),
    changes: [["channels"], ["channel"]],
    failed: words.rotateFailed,
    onRefused: (refused) => refused.fields.length > 0,
    done: () => ({ fact: words.rotateDone, consequence: words.rotateThen }),
    onDone,
  });
  return (
    <ActDialog
      onClose={onClose}
      title={words.rotateTitle(name)}
      text={words.rotateText}
      width={480}
      does={words.rotateDo}
      needs="channels:write"
      refusal={Object.keys(given).length === 0 ? words.rotateNothing : null}
      busy={replace.isBusy}
      onAct={() => void replace.run()}
    >
      {isKind(kind) &&
        FIELDS[kind].credentials.map(({ name: field, isSecret }) => (
          <Field
            key={field}
            stacked
            label={channelWords.form[field]}
            help={channel[`has_${field}`] ? words.has : words.hasNot}
            error={replace.refusal?.at(`/credentials/${field}`)}
          >
            {(control) => (
              <Input
                {...control}
                type={isSecret ? "password" : "text"}
                autoComplete={isSecret ? "new-password" : "off"}
                value={values[field] ?? ""}
                onChange={(event) => setValues({ ...values, [field]: event.target.value })}
                className="font-mono text-xs!"
              />
            )}
          </Field>
        ))}
      <p className="mt-1 text-xs text-fg-3">{words.credentialsHelp}</p>
    </ActDialog>
  );
}
