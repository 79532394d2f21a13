import { RadioGroup } from "@base-ui/react/radio-group";
import { Radio } from "../../parts/controls/switches.tsx";
import { memberWords } from "../../words/index.ts";
import { ROLES, type Role } from "./people.ts";

/** Each role with what it may. */
export function RoleChoice({
  label,
  value,
  onChange,
  disabled = false,
}: {
  label: string;
  value: Role;
  onChange(role: Role): void;
  disabled?: boolean;
}) {
  return (
    <RadioGroup
      value={value}
      disabled={disabled}
      aria-label={label}
      onValueChange={(next) => {
        const role = ROLES.find((each) => each === next);
        if (role) onChange(role);
      }}
      className="grid gap-2.5 pt-1.5 data-disabled:text-fg-3"
    >
      {ROLES.map((role) => (
        // biome-ignore lint/a11y/noLabelWithoutControl: the radio is the control
        <label key={role} className="flex items-start gap-2.5">
          <span className="mt-0.75 inline-flex">
            <Radio value={role} />
          </span>
          <span>
            <span className="block font-medium">{memberWords.roles[role].name}</span>
            <span className="block text-xs text-fg-3">{memberWords.roles[role].may}</span>
          </span>
        </label>
      ))}
    </RadioGroup>
  );
}
