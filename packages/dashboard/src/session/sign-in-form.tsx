import { useState } from "react";
import { Field, Input } from "../parts/controls/field.tsx";
import { CheckLine } from "../parts/controls/switches.tsx";
import { sessionWords } from "../words/index.ts";
import { EmailField, PasswordField } from "./door-fields.tsx";
import { DoorForm } from "./door-form.tsx";
import { signIn, verifyCode } from "./sign-in.ts";

/** Address and password, then the second factor where there is one. */
export function SignInForm({ onIn, email: known = "" }: { onIn(): void; email?: string }) {
  const words = sessionWords.signIn;
  const [email, setEmail] = useState(known);
  const [password, setPassword] = useState("");
  const [needsCode, setNeedsCode] = useState(false);
  if (needsCode) return <FactorForm onIn={onIn} onBack={() => setNeedsCode(false)} />;
  return (
    <DoorForm
      act={words.act}
      onSubmit={async () => {
        const { step } = await signIn({ email, password });
        if (step === "in") onIn();
        else setNeedsCode(true);
      }}
      foot={<p className="mt-1 text-xs text-fg-3">{words.lost}</p>}
    >
      {() => (
        <>
          <EmailField value={email} onChange={setEmail} autoFocus={known === ""} />
          <PasswordField value={password} onChange={setPassword} autoFocus={known !== ""} />
        </>
      )}
    </DoorForm>
  );
}

function FactorForm({ onIn, onBack }: { onIn(): void; onBack(): void }) {
  const words = sessionWords.factor;
  const [code, setCode] = useState("");
  const [isBackup, setBackup] = useState(false);
  const [trustDevice, setTrust] = useState(false);
  return (
    <DoorForm
      act={words.act}
      onSubmit={async () => {
        await verifyCode({ code: code.trim(), isBackup, trustDevice });
        onIn();
      }}
      foot={
        <div className="mt-1 flex justify-between gap-3 text-xs">
          <button
            type="button"
            className="min-h-6 text-accent hover:underline"
            onClick={() => {
              setCode("");
              setBackup(!isBackup);
            }}
          >
            {isBackup ? words.useCode : words.useBackup}
          </button>
          <button type="button" className="min-h-6 text-accent hover:underline" onClick={onBack}>
            {words.back}
          </button>
        </div>
      }
    >
      {() => (
        <>
          <p className="text-fg-2">{isBackup ? words.backupText : words.text}</p>
          <Field label={isBackup ? words.backupCode : words.code} stacked>
            {(control) => (
              <Input
                {...control}
                key={String(isBackup)}
                autoFocus
                name="code"
                autoComplete="one-time-code"
                inputMode={isBackup ? "text" : "numeric"}
                className="font-mono"
                required
                value={code}
                onChange={(event) => setCode(event.target.value)}
              />
            )}
          </Field>
          <CheckLine checked={trustDevice} onChange={setTrust}>
            {words.trust}
          </CheckLine>
        </>
      )}
    </DoorForm>
  );
}
