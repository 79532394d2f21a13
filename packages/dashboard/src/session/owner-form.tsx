import { useState } from "react";
import { Field, Input } from "../parts/field.tsx";
import { sessionWords } from "../words/index.ts";
import { DoorForm } from "./door-form.tsx";
import { createOwner } from "./sign-in.ts";

/** The account that everything begins with. */
export function OwnerForm({ needsAdminKey, onIn }: { needsAdminKey: boolean; onIn(): void }) {
  const words = sessionWords.owner;
  const [given, setGiven] = useState({ name: "", email: "", password: "", admin_key: "" });
  const change = (name: keyof typeof given) => (event: { target: { value: string } }) =>
    setGiven((was) => ({ ...was, [name]: event.target.value }));
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
          <Field label={words.name} stacked error={refused?.at("/name")}>
            {(control) => (
              <Input
                {...control}
                name="name"
                autoComplete="name"
                required
                autoFocus
                value={given.name}
                onChange={change("name")}
              />
            )}
          </Field>
          <Field label={sessionWords.signIn.email} stacked error={refused?.at("/email")}>
            {(control) => (
              <Input
                {...control}
                type="email"
                name="email"
                autoComplete="username"
                required
                value={given.email}
                onChange={change("email")}
              />
            )}
          </Field>
          <Field
            label={sessionWords.signIn.password}
            help={words.passwordHelp}
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
                value={given.password}
                onChange={change("password")}
              />
            )}
          </Field>
          {needsAdminKey && (
            <Field label={words.adminKey} help={words.adminKeyHelp} stacked>
              {(control) => (
                <Input
                  {...control}
                  type="password"
                  name="admin-key"
                  required
                  value={given.admin_key}
                  onChange={change("admin_key")}
                />
              )}
            </Field>
          )}
        </>
      )}
    </DoorForm>
  );
}
