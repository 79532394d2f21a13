import { useState } from "react";
import type { Refused } from "../../api/problem.ts";
import { Field, TextArea } from "../../parts/controls/field.tsx";
import { ActDialog } from "../../parts/dialogs/act-dialog.tsx";
import { useApiCall } from "../../parts/values/api-call.tsx";
import { endpointWords } from "../../words/index.ts";
import { type Jwk, readPublicKey } from "./hold-key.ts";

const words = endpointWords.hold;

/** Takes a public key that was made elsewhere. A private one does not leave the browser. */
export function HoldKeyDialog({
  endpointId,
  refused,
  isBusy,
  onGive,
  onClose,
}: {
  endpointId: string;
  /** Of the last key that was given. */
  refused: Refused | null;
  isBusy: boolean;
  onGive(holdKey: Jwk): void;
  onClose(): void;
}) {
  const [text, setText] = useState("");
  const read = readPublicKey(text);
  const wrong = "wrong" in read ? words.wrong[read.wrong] : null;
  const call = useApiCall({
    method: "PATCH",
    path: `/v1/endpoints/${endpointId}`,
    body: { hold_key: "key" in read ? read.key : {} },
  });
  const give = () => {
    if ("key" in read) onGive(read.key);
  };
  return (
    <ActDialog
      onClose={onClose}
      title={words.pasteTitle}
      text={words.pasteText}
      aside={call.button}
      does={words.give}
      needs="endpoints:write"
      busy={isBusy}
      refusal={wrong}
      onAct={give}
    >
      <Field
        stacked
        label={words.key}
        help={words.keyHelp}
        error={refused?.at("/hold_key") ?? (text.trim() === "" ? undefined : (wrong ?? undefined))}
      >
        {(control) => (
          <TextArea
            {...control}
            rows={6}
            autoFocus
            className="font-mono text-xs!"
            value={text}
            placeholder='{"kty":"EC","crv":"P-256","x":"…","y":"…"}'
            onChange={(event) => setText(event.target.value)}
          />
        )}
      </Field>
      {call.shown}
    </ActDialog>
  );
}
