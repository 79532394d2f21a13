import { useState } from "react";
import { Field, Input } from "../parts/controls/field.tsx";
import { sessionWords } from "../words/index.ts";
import { EmailField, NameField, PasswordField } from "./door-fields.tsx";
import { DoorForm } from "./door-form.tsx";
import { createOwner } from "./sign-in.ts";

/** The account that everything begins with. */
export function OwnerForm({ needsAdminKey, onIn }: { needsAdminKey: boolean; onIn(): void }) {
  const words = sessionWords.owner;
  const [given, setGiven] = useState({ name: "", email: "", password: "", admin_key: "" });
  const change = (name: keyof typeof given) => (value: string) =>
    setGiven((was) => ({ ...was, [name]: value }));
  return (
    <DoorForm
      act={words.act}
      onSubmit={async () => {
        const { admin_key, ...rest } = given;
        await createOwner(needsAdminKey ? { ...rest, admin_key: admin_key.trim() } : rest);
        onIn();
      }}
    >
      {(refused) => (
        <>
          <NameField
            value={given.name}
            onChange={change("name")}
            error={refused?.at("/name")}
            autoFocus
          />
          <EmailField
            value={given.email}
            onChange={change("email")}
            error={refused?.at("/email")}
          />
          <PasswordField
            isNew
            value={given.password}
            onChange={change("password")}
            error={refused?.at("/password")}
          />
          {needsAdminKey && (
            <Field label={words.adminKey} help={words.adminKeyHelp} stacked>
              {(control) => (
                <Input
                  {...control}
                  type="password"
                  name="admin-key"
                  required
                  value={given.admin_key}
                  onChange={(event) => change("admin_key")(event.target.value)}
                />
              )}
            </Field>
          )}
        </>
      )}
    </DoorForm>
  );
}
