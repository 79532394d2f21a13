import { useState } from "react";
import { Field, Input } from "../parts/field.tsx";
import { sessionWords } from "../words/index.ts";
import { DoorForm } from "./door-form.tsx";
import { acceptInvitation } from "./sign-in.ts";

/** Who follows the link of an invitation makes their account with it. */
export function InvitationForm({ token, onIn }: { token: string; onIn(): void }) {
  const words = sessionWords.invitation;
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  if (token === "") return <p className="text-fg-2">{words.missing}</p>;
  return (
    <DoorForm
      act={words.act}
      onSubmit={async () => {
        await acceptInvitation({ token, name, password });
        onIn();
      }}
      foot={<p className="mt-1 text-xs text-fg-3">{words.known}</p>}
    >
      {(refused) => (
        <>
          <p className="text-fg-2">{words.text}</p>
          <Field label={sessionWords.owner.name} stacked error={refused?.at("/name")}>
            {(control) => (
              <Input
                {...control}
                name="name"
                autoComplete="name"
                required
                value={name}
                onChange={(event) => setName(event.target.value)}
              />
            )}
          </Field>
          <Field
            label={sessionWords.signIn.password}
            help={sessionWords.owner.passwordHelp}
            stacked
            error={refused?.at("/password")}
          >
            {(control) => (
              <Input
                {...control}
                type="password"
                name="password"
                autoComplete="new-password"
                minLength={10}
                required
                value={password}
                onChange={(event) => setPassword(event.target.value)}
              />
            )}
          </Field>
        </>
      )}
    </DoorForm>
  );
}
