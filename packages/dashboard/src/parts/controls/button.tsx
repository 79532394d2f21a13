import { Link, type LinkProps } from "@tanstack/react-router";
import type { LucideIcon } from "lucide-react";
import type { ComponentProps, MouseEvent, ReactNode } from "react";
import { useMay } from "../../api/me.ts";
import { cx } from "../class-names.ts";

type Kind = "primary" | "plain" | "quiet" | "danger" | "danger-quiet";
type Size = "sm" | "md" | "lg";

const KINDS: Record<Kind, string> = {
  primary: "border-ink bg-ink text-on-ink shadow-1 not-aria-disabled:hover:bg-ink-hover",
  plain:
    "border-border-strong bg-surface text-fg shadow-1 not-aria-disabled:hover:bg-surface-hover",
  quiet: "border-transparent text-fg-2 not-aria-disabled:hover:bg-surface-hover",
  danger: "border-transparent bg-danger text-on-danger shadow-1",
  "danger-quiet":
    "border-border-strong bg-surface text-dead shadow-1 not-aria-disabled:hover:bg-dead-soft",
};
const SIZES: Record<Size, string> = {
  sm: "h-(--control-sm) rounded-[5px] px-2 text-xs",
  md: "h-(--control) rounded-md px-2.5 text-sm",
  lg: "h-(--control-lg) rounded-md px-3 text-sm",
};

/** The look of a button, for what is none. */
export function buttonClass(kind: Kind = "plain", size: Size = "md"): string {
  return cx(
    "relative inline-flex flex-none items-center gap-1.5 border font-medium whitespace-nowrap transition-colors",
    "aria-disabled:text-fg-3 aria-disabled:shadow-none",
    KINDS[kind],
    kind === "primary" && "aria-disabled:border-border aria-disabled:bg-surface-active",
    kind === "danger" && "aria-disabled:bg-surface-active",
    SIZES[size],
  );
}

interface Face {
  kind?: Kind;
  size?: Size;
  icon?: LucideIcon;
  /** The keys that do the same, printed on it. */
  keys?: string;
  children?: ReactNode;
}

export interface ButtonProps extends Face, Omit<ComponentProps<"button">, "children" | "disabled"> {
  /** The scope that the act needs; without it the button is disabled and says why. */
  needs?: string;
  /** Why it cannot be pressed now; null or absent when it can. */
  refusal?: string | null;
  /** The server is at it: the button keeps its width and takes no second press. */
  busy?: boolean;
}

/** Every act has one. At most one of a view is `primary`. */
export function Button(props: ButtonProps) {
  const { kind, size, icon, keys, children, needs, refusal = null, busy = false, ...rest } = props;
  const may = useMay(needs);
  const reason = may.may ? refusal : may.reason;
  return (
    <button
      type="button"
      {...rest}
      {...pressable(reason !== null || busy, rest.onClick)}
      className={cx(buttonClass(kind, size), rest.className)}
      aria-busy={busy || undefined}
      aria-description={reason ?? undefined}
      data-hint={reason ?? undefined}
    >
      <FaceOf icon={icon} keys={keys} isInked={kind === "primary" || kind === "danger"}>
        {children}
      </FaceOf>
      {busy && <span className="busy-bar" aria-hidden />}
    </button>
  );
}

/**
 * A button that cannot be pressed keeps the focus, so that its reason can be read; ↵ in a form that it would send leads
 * to it.
 */
function pressable(isDisabled: boolean, onClick: ComponentProps<"button">["onClick"]) {
  if (!isDisabled) return { onClick };
  return {
    "aria-disabled": true,
    onClick: (event: MouseEvent<HTMLButtonElement>) => {
      event.preventDefault();
      event.currentTarget.focus();
    },
  };
}

/** A button that leads somewhere. */
export function ButtonLink({
  kind,
  size,
  icon,
  keys,
  children,
  ...link
}: Face & LinkProps & { className?: string }) {
  return (
    <Link {...link} className={cx(buttonClass(kind, size), link.className)}>
      <FaceOf icon={icon} keys={keys} isInked={kind === "primary"}>
        {children}
      </FaceOf>
    </Link>
  );
}

function FaceOf({
  icon: Icon,
  keys,
  isInked,
  children,
}: {
  icon: LucideIcon | undefined;
  keys: string | undefined;
  isInked: boolean;
  children: ReactNode;
}) {
  return (
    <>
      {Icon && (
        <Icon
          size={14}
          strokeWidth={1.75}
          aria-hidden
          className={cx("-ml-0.5", !isInked && "text-fg-3")}
        />
      )}
      {children}
      {keys !== undefined && (
        <kbd aria-hidden className={cx("-mr-1 touch:hidden", isInked && "kbd-inked")}>
          {keys}
        </kbd>
      )}
    </>
  );
}

/** A square button of one glyph; its name is read out and shown on hover. */
export function IconButton({
  icon: Icon,
  label,
  hint,
  needs,
  size = 15,
  ...rest
}: {
  icon: LucideIcon;
  label: string;
  /** More than its name says. */
  hint?: string | undefined;
  needs?: string;
  size?: number;
} & Omit<ComponentProps<"button">, "children">) {
  const may = useMay(needs);
  return (
    <button
      type="button"
      {...rest}
      {...pressable(!may.may || rest.disabled === true, rest.onClick)}
      disabled={undefined}
      aria-label={label}
      aria-description={may.may ? hint : may.reason}
      data-hint={may.may ? (hint ?? label) : may.reason}
      className={cx(
        "inline-grid size-(--control) flex-none place-items-center rounded-md text-fg-3 transition-colors",
        "not-aria-disabled:hover:bg-surface-hover not-aria-disabled:hover:text-fg aria-pressed:bg-surface-active aria-pressed:text-fg",
        rest.className,
      )}
    >
      <Icon size={size} strokeWidth={1.75} aria-hidden />
    </button>
  );
}
