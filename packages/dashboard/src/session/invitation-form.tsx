import { useState } from "react";
import { sessionWords } from "../words/index.ts";
import { NameField, PasswordField } from "./door-fields.tsx";
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
          <NameField value={name} onChange={setName} error={refused?.at("/name")} />
          <PasswordField
            isNew
            value={password}
            onChange={setPassword}
            error={refused?.at("/password")}
          />
        </>
      )}
    </DoorForm>
  );
}
