import { type ComponentProps, type ReactNode, useId } from "react";
import { cx } from "../class-names.ts";

export const inputClass =
  "h-(--control-lg) w-full min-w-0 rounded-md border border-border-strong bg-surface px-2.5 text-sm shadow-1 " +
  "focus-visible:border-transparent focus-visible:-outline-offset-1 aria-invalid:border-dead disabled:bg-surface-sunken disabled:text-fg-3";

/** What a control is given by the field around it. */
export interface FieldControl {
  id: string;
  "aria-describedby": string | undefined;
  "aria-invalid": true | undefined;
}

/**
 * One line of a form: label left, control right; help under the label, findings under the control.
 * On a phone, and with `stacked`, one above the other.
 */
export function Field({
  label,
  help,
  finding,
  error,
  stacked = false,
  children,
}: {
  label: string;
  help?: ReactNode;
  /** What was found out about the value: it does not block. */
  finding?: ReactNode;
  /** Why the value is refused, in words. */
  error?: string | undefined;
  stacked?: boolean;
  children(control: FieldControl): ReactNode;
}) {
  const id = useId();
  const described = [
    help !== undefined && `${id}-help`,
    finding !== undefined && finding !== null && `${id}-finding`,
    error !== undefined && `${id}-error`,
  ].filter((each) => each !== false);
  const control: FieldControl = {
    id,
    "aria-describedby": described.length > 0 ? described.join(" ") : undefined,
    "aria-invalid": error === undefined ? undefined : true,
  };
  return (
    <div
      className={cx(
        stacked
          ? "grid gap-1.5 py-1.5"
          : "grid grid-cols-[132px_minmax(0,1fr)] gap-x-5 gap-y-1 border-t border-border-subtle py-3 first:border-0 phone:grid-cols-1",
      )}
    >
      <div className={cx(!stacked && "pt-1.5")}>
        <label htmlFor={id} className="block font-medium">
          {label}
        </label>
        {help !== undefined && (
          <p id={`${id}-help`} className="mt-0.5 text-xs/4 text-fg-3">
            {help}
          </p>
        )}
      </div>
      <div className="min-w-0">
        {children(control)}
        {finding !== undefined && finding !== null && (
          <p id={`${id}-finding`} className="mt-1.5 text-xs/4 text-fg-3" role="status">
            {finding}
          </p>
        )}
        {error !== undefined && (
          <p
            id={`${id}-error`}
            role="alert"
            className="mt-1.5 text-xs/4 text-dead first-letter:uppercase"
          >
            {error}
          </p>
        )}
      </div>
    </div>
  );
}

export function Input({ className, ...rest }: ComponentProps<"input">) {
  return (
    <input autoComplete="off" spellCheck={false} {...rest} className={cx(inputClass, className)} />
  );
}

export function TextArea({ className, ...rest }: ComponentProps<"textarea">) {
  return (
    <textarea spellCheck={false} {...rest} className={cx(inputClass, "h-auto py-1.5", className)} />
  );
}

/** The browser's own list: right on a phone and with a screen reader. */
export function Choice({
  options,
  className,
  ...rest
}: Omit<ComponentProps<"select">, "children"> & {
  options: readonly { value: string; label: string; disabled?: boolean }[];
}) {
  return (
    <select {...rest} className={cx(inputClass, "choice pr-7", className)}>
      {options.map(({ value, label, disabled }) => (
        <option key={value} value={value} disabled={disabled}>
          {label}
        </option>
      ))}
    </select>
  );
}
