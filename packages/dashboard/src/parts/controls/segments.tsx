/** One of a few, side by side: `1 h · 24 h · 7 d`. */
export function Segments<Value extends string>({
  label,
  value,
  options,
  onChange,
}: {
  label: string;
  value: Value;
  options: readonly { value: Value; label: string }[];
  onChange(value: Value): void;
}) {
  return (
    <fieldset className="inline-flex h-(--control) flex-none rounded-md border border-border bg-surface-sunken p-px">
      <legend className="sr-only">{label}</legend>
      {options.map((option) => (
        <button
          key={option.value}
          type="button"
          aria-pressed={option.value === value}
          onClick={() => onChange(option.value)}
          className="rounded-[4.5px] px-2.25 text-xs font-medium whitespace-nowrap text-fg-3 hover:text-fg aria-pressed:bg-surface-raised aria-pressed:text-fg aria-pressed:shadow-[0_0_0_1px_var(--border-strong)]"
        >
          {option.label}
        </button>
      ))}
    </fieldset>
  );
}
