import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { meQuery } from "../api/me.ts";
import { chooseWorkspace } from "../api/workspace.ts";
import { sessionWords } from "../words/index.ts";
import { NameField, PasswordField } from "./door-fields.tsx";
import { DoorForm } from "./door-form.tsx";
import { acceptInvitation, joinWorkspace } from "./sign-in.ts";
import { SignInForm } from "./sign-in-form.tsx";

/** Who follows the link of an invitation joins with the account that they have, or makes one. */
export function InvitationForm({ token, onIn }: { token: string; onIn(): void }) {
  const words = sessionWords.invitation;
  const me = useQuery(meQuery);
  const [hasAccount, setHasAccount] = useState(false);
  if (token === "") return <p className="text-fg-2">{words.missing}</p>;
  if (me.isPending) return null;
  const email = me.data?.person?.email;
  if (email !== undefined) {
    return (
      <DoorForm
        act={words.act}
        onSubmit={async () => {
          chooseWorkspace(await joinWorkspace(token));
          onIn();
        }}
      >
        {() => <p className="text-fg-2">{words.signedIn(email)}</p>}
      </DoorForm>
    );
  }
  if (hasAccount) {
    return (
      <>
        <p className="mb-2 text-fg-2">{words.signInFirst}</p>
        <SignInForm onIn={() => void me.refetch()} />
      </>
    );
  }
  return <NewAccount token={token} onIn={onIn} onKnown={() => setHasAccount(true)} />;
}

/** Makes their account with it. */
function NewAccount({ token, onIn, onKnown }: { token: string; onIn(): void; onKnown(): void }) {
  const words = sessionWords.invitation;
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  return (
    <DoorForm
      act={words.act}
      onSubmit={async () => {
        await acceptInvitation({ token, name, password });
        onIn();
      }}
      foot={
        <p className="mt-1 text-xs text-fg-3">
          {words.known}{" "}
          <button type="button" className="min-h-6 text-accent hover:underline" onClick={onKnown}>
            {words.knownAct}
          </button>
        </p>
      }
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
