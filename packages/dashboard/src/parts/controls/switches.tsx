import { Checkbox as BaseCheckbox } from "@base-ui/react/checkbox";
import { Radio as BaseRadio } from "@base-ui/react/radio";
import { Switch as BaseSwitch } from "@base-ui/react/switch";
import { Check } from "lucide-react";
import type { ReactNode } from "react";
import { cx } from "../class-names.ts";

/** Acts at once. What waits for a button is a checkbox. */
export function Switch({
  checked,
  onChange,
  label,
  disabled = false,
  id,
}: {
  checked: boolean;
  onChange(checked: boolean): void;
  /** Its name where no label stands beside it. */
  label?: string;
  disabled?: boolean;
  id?: string;
}) {
  return (
    <BaseSwitch.Root
      checked={checked}
      onCheckedChange={onChange}
      disabled={disabled}
      aria-label={label}
      {...(id === undefined ? {} : { id })}
      className="relative inline-block h-4 w-7 flex-none rounded-full bg-border-control transition-colors before:absolute before:-inset-1 data-checked:bg-accent-solid data-disabled:opacity-60"
    >
      <BaseSwitch.Thumb className="absolute top-0.5 left-0.5 size-3 rounded-full bg-on-danger transition-transform data-checked:translate-x-3" />
    </BaseSwitch.Root>
  );
}

const BOX =
  "relative inline-grid size-3.5 flex-none place-items-center rounded-[3.5px] border-[1.5px] border-border-control bg-surface before:absolute before:-inset-1.5 data-checked:border-accent-solid data-checked:bg-accent-solid data-indeterminate:border-accent-solid data-indeterminate:bg-accent-solid data-disabled:opacity-60";

export function Checkbox({
  checked,
  indeterminate = false,
  onChange,
  label,
  id,
  tabIndex,
  disabled = false,
}: {
  checked: boolean;
  indeterminate?: boolean;
  onChange(checked: boolean): void;
  label?: string;
  id?: string;
  tabIndex?: number;
  disabled?: boolean;
}) {
  return (
    <BaseCheckbox.Root
      checked={checked}
      indeterminate={indeterminate}
      onCheckedChange={onChange}
      disabled={disabled}
      aria-label={label}
      {...(id === undefined ? {} : { id })}
      {...(tabIndex === undefined ? {} : { tabIndex })}
      className={BOX}
    >
      <BaseCheckbox.Indicator className="grid place-items-center text-on-accent">
        {indeterminate ? (
          <span className="h-[1.5px] w-1.75 bg-on-accent" />
        ) : (
          <Check size={10} strokeWidth={3} aria-hidden />
        )}
      </BaseCheckbox.Indicator>
    </BaseCheckbox.Root>
  );
}

/** A checkbox with its words; the words can be pressed too. */
export function CheckLine({
  checked,
  onChange,
  children,
  disabled = false,
  className,
}: {
  checked: boolean;
  onChange(checked: boolean): void;
  children: ReactNode;
  disabled?: boolean;
  className?: string;
}) {
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: the checkbox is the control
    <label className={cx("flex items-start gap-2.5", disabled && "text-fg-3", className)}>
      <span className="mt-0.75 inline-flex">
        <Checkbox checked={checked} onChange={onChange} disabled={disabled} />
      </span>
      <span className="min-w-0">{children}</span>
    </label>
  );
}

/** One of a `RadioGroup` of Base UI. */
export function Radio({ value, id }: { value: string; id?: string }) {
  return (
    <BaseRadio.Root
      value={value}
      {...(id === undefined ? {} : { id })}
      className="relative inline-block size-3.5 flex-none rounded-full border-[1.5px] border-border-control bg-surface before:absolute before:-inset-1.5 data-checked:border-[4.5px] data-checked:border-accent-solid"
    />
  );
}
