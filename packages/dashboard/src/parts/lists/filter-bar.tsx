import { Popover } from "@base-ui/react/popover";
import { ArrowUp, Plus, X } from "lucide-react";
import { type KeyboardEvent, type ReactNode, useState } from "react";
import { number } from "../../words/format.ts";
import { partWords } from "../../words/index.ts";
import { useActs } from "../acts.ts";
import { cx } from "../class-names.ts";
import { buttonClass } from "../controls/button.tsx";
import { inputClass } from "../controls/field.tsx";
import { popupClass } from "../controls/menu.tsx";
import { SavedViews } from "./saved-views.tsx";
import type { View } from "./views.ts";

export interface FilterOption {
  value: string;
  label: string;
  /** Its outline or tile. */
  mark?: ReactNode;
}

/** One thing that a list can be filtered by; its value stands in the address under `id`. */
export interface Filter {
  id: string;
  /** `state`, `endpoint`; read as `state is Dead`. */
  label: string;
  /** What it can be; absent for a text that is typed. */
  options?: readonly FilterOption[];
  placeholder?: string;
}

/** Chips of what the list is filtered by; `+ Filter` (F) adds one. */
export function FilterBar({
  filters,
  values,
  onChange,
  fresh = 0,
  onFresh,
  views,
  children,
}: {
  filters: readonly Filter[];
  values: Readonly<Record<string, string | undefined>>;
  /** Undefined takes it away. */
  onChange(id: string, value: string | undefined): void;
  /** How many have come in that are not shown. */
  fresh?: number;
  onFresh?: () => void;
  /** Where the list's filters can be saved under a name: by the list's own, and what a chosen one does. */
  views?: { list: string; onChoose(filters: Readonly<Record<string, string | undefined>>): void };
  /** At the right end. */
  children?: ReactNode;
}) {
  const [adding, setAdding] = useState(false);
  const set = filters.filter(({ id }) => values[id] !== undefined);
  const free = filters.filter(({ id }) => values[id] === undefined);
  useActs([{ key: "f", does: partWords.filter.addLabel, icon: Plus, run: () => setAdding(true) }]);
  return (
    <div className="flex min-h-11 flex-none items-center gap-1.5 border-y border-border border-t-border-subtle px-6 phone:gap-0 phone:px-0">
      {/* On a phone the chips alone move sideways: what stands at the right end stays in reach. */}
      <div className="flex min-w-0 flex-1 items-center gap-1.5 py-2 phone:overflow-x-auto phone:px-4">
        {set.map((filter) => (
          <Chip
            key={filter.id}
            filter={filter}
            value={values[filter.id] ?? ""}
            onChange={(value) => onChange(filter.id, value)}
          />
        ))}
        {free.length > 0 && (
          <Adder filters={free} open={adding} onOpenChange={setAdding} onAdd={onChange} />
        )}
      </div>
      <div className="flex flex-none items-center gap-1 empty:hidden phone:self-stretch phone:border-l phone:border-border-subtle phone:pr-2.5 phone:pl-1.5">
        {fresh > 0 && (
          <button
            type="button"
            onClick={onFresh}
            aria-label={partWords.table.freshLabel(number(fresh))}
            className="tnum mr-1.5 flex h-6 items-center gap-1.25 rounded-full bg-accent-soft pr-2.25 pl-1.75 text-xs font-medium text-accent"
          >
            <ArrowUp size={13} strokeWidth={2} aria-hidden />
            {partWords.table.fresh(number(fresh))}
          </button>
        )}
        {children}
        {views && (
          <SavedViews
            list={views.list}
            filters={filtersIn(set, values)}
            onChoose={(chosen) =>
              views.onChoose(Object.fromEntries(filters.map(({ id }) => [id, chosen[id]])))
            }
          />
        )}
      </div>
    </div>
  );
}

function filtersIn(
  set: readonly Filter[],
  values: Readonly<Record<string, string | undefined>>,
): View["filters"] {
  return Object.fromEntries(set.map(({ id }) => [id, values[id] ?? ""]));
}

function Chip({
  filter,
  value,
  onChange,
}: {
  filter: Filter;
  value: string;
  onChange(value: string | undefined): void;
}) {
  const [open, setOpen] = useState(false);
  const option = filter.options?.find((each) => each.value === value);
  const shown = option?.label ?? value;
  return (
    <span className="inline-flex h-6 flex-none items-center overflow-hidden rounded-[5px] border border-border-strong bg-surface text-xs touch:h-8">
      <Popover.Root open={open} onOpenChange={setOpen}>
        <Popover.Trigger
          aria-label={partWords.filter.edit(filter.label, shown)}
          className="flex h-full items-center gap-1 pr-1.5 pl-2 -outline-offset-2 hover:bg-surface-hover"
        >
          <span className="text-fg-3">{filter.label}</span>
          <span className="text-fg-3">{partWords.filter.is}</span>
          <span className="inline-flex items-center gap-1.25 font-medium">
            {option?.mark}
            <span className="max-w-48 truncate">{shown}</span>
          </span>
        </Popover.Trigger>
        <Editor
          filter={filter}
          value={value}
          onChoose={(next) => {
            setOpen(false);
            onChange(next);
          }}
        />
      </Popover.Root>
      <button
        type="button"
        aria-label={partWords.filter.remove(filter.label)}
        onClick={() => onChange(undefined)}
        className="grid h-full min-w-6 place-items-center border-l border-border text-fg-3 -outline-offset-2 hover:bg-surface-hover hover:text-fg"
      >
        <X size={11} strokeWidth={2} aria-hidden />
      </button>
    </span>
  );
}

function Adder({
  filters,
  open,
  onOpenChange,
  onAdd,
}: {
  filters: readonly Filter[];
  open: boolean;
  onOpenChange(open: boolean): void;
  onAdd(id: string, value: string): void;
}) {
  const [chosen, setChosen] = useState<Filter | null>(null);
  const change = (isOpen: boolean) => {
    if (!isOpen) setChosen(null);
    onOpenChange(isOpen);
  };
  return (
    <Popover.Root open={open} onOpenChange={change}>
      <Popover.Trigger
        aria-label={partWords.filter.addLabel}
        className="inline-flex h-6 flex-none items-center gap-1.25 rounded-[5px] border border-dashed border-border-strong px-2 text-xs text-fg-2 hover:bg-surface-hover touch:h-8"
      >
        <Plus size={12} strokeWidth={2} aria-hidden className="text-fg-3" />
        {partWords.filter.add}
        <kbd aria-hidden className="touch:hidden">
          F
        </kbd>
      </Popover.Trigger>
      {chosen ? (
        <Editor
          filter={chosen}
          value=""
          onChoose={(value) => {
            change(false);
            if (value !== undefined) onAdd(chosen.id, value);
          }}
        />
      ) : (
        <Popup>
          {filters.map((filter) => (
            <Line key={filter.id} onClick={() => setChosen(filter)}>
              {filter.label}
            </Line>
          ))}
        </Popup>
      )}
    </Popover.Root>
  );
}

function Editor({
  filter,
  value,
  onChoose,
}: {
  filter: Filter;
  value: string;
  onChoose(value: string | undefined): void;
}) {
  const [text, setText] = useState(filter.options ? "" : value);
  const wanted = text.trim().toLowerCase();
  const options = filter.options?.filter(({ label }) => label.toLowerCase().includes(wanted));
  const hasField = !filter.options || filter.options.length > 8;
  return (
    <Popup>
      {hasField && (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            const only = options?.[0]?.value;
            const next = filter.options ? only : text.trim();
            if (next !== undefined) onChoose(next === "" ? undefined : next);
          }}
        >
          <input
            // biome-ignore lint/a11y/noAutofocus: the editor was asked for
            autoFocus
            value={text}
            onChange={(event) => setText(event.target.value)}
            aria-label={filter.label}
            placeholder={filter.placeholder ?? filter.label}
            spellCheck={false}
            autoComplete="off"
            className={cx(inputClass, "mb-1 h-7!")}
          />
        </form>
      )}
      <div className="max-h-72 overflow-auto">
        {options?.map((option) => (
          <Line
            key={option.value}
            onClick={() => onChoose(option.value)}
            isOn={option.value === value}
          >
            {option.mark}
            <span className="truncate">{option.label}</span>
          </Line>
        ))}
      </div>
      {!filter.options && (
        <button
          type="button"
          className={cx(buttonClass("primary", "sm"), "w-full justify-center")}
          onClick={() => onChoose(text.trim() === "" ? undefined : text.trim())}
        >
          {partWords.filter.add}
        </button>
      )}
    </Popup>
  );
}

function Popup({ children }: { children: ReactNode }) {
  return (
    <Popover.Portal>
      <Popover.Positioner sideOffset={4} align="start" className="z-40">
        <Popover.Popup
          className={cx(popupClass, "w-60")}
          aria-label={partWords.filter.addLabel}
          onKeyDown={walk}
        >
          {children}
        </Popover.Popup>
      </Popover.Positioner>
    </Popover.Portal>
  );
}

/** ↓ and ↑ go from line to line, as in a menu. */
function walk(event: KeyboardEvent<HTMLElement>): void {
  const by = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
  if (by === 0) return;
  event.preventDefault();
  const lines = [...event.currentTarget.querySelectorAll<HTMLElement>("input, button")];
  const at = lines.findIndex((each) => each.matches(":focus"));
  lines.at((at + by) % lines.length)?.focus();
}

function Line({
  onClick,
  isOn = false,
  children,
}: {
  onClick(): void;
  isOn?: boolean;
  children: ReactNode;
}) {
  return (
    <button
      type="button"
      onClick={onClick}
      aria-current={isOn || undefined}
      className="flex min-h-7 w-full items-center gap-2 rounded-md px-2 text-left -outline-offset-2 hover:bg-surface-active aria-current:font-medium"
    >
      {children}
    </button>
  );
}
