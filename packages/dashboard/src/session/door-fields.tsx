import { Field, Input } from "../parts/controls/field.tsx";
import { sessionWords } from "../words/index.ts";

interface DoorFieldProps {
  value: string;
  onChange(value: string): void;
  /** Why the value is refused, in words. */
  error?: string | undefined;
  autoFocus?: boolean;
}

/** What a person is called. */
export function NameField({ value, onChange, error, autoFocus = false }: DoorFieldProps) {
  return (
    <Field label={sessionWords.owner.name} stacked error={error}>
      {(control) => (
        <Input
          {...control}
          name="name"
          autoComplete="name"
          required
          autoFocus={autoFocus}
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  );
}

/** The address that a person signs in with. */
export function EmailField({ value, onChange, error, autoFocus = false }: DoorFieldProps) {
  return (
    <Field label={sessionWords.signIn.email} stacked error={error}>
      {(control) => (
        <Input
          {...control}
          type="email"
          name="email"
          autoComplete="username"
          required
          autoFocus={autoFocus}
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  );
}

/** A password that there is, or a new one, which is told what it must have. */
export function PasswordField({
  isNew = false,
  value,
  onChange,
  error,
  autoFocus = false,
}: DoorFieldProps & { isNew?: boolean }) {
  const help = isNew ? { help: sessionWords.owner.passwordHelp } : {};
  return (
    <Field label={sessionWords.signIn.password} stacked error={error} {...help}>
      {(control) => (
        <Input
          {...control}
          type="password"
          name="password"
          autoComplete={isNew ? "new-password" : "current-password"}
          {...(isNew ? { minLength: 10 } : {})}
          required
          autoFocus={autoFocus}
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  );
}
