import { Menu as BaseMenu } from "@base-ui/react/menu";
import type { LucideIcon } from "lucide-react";
import type { ReactElement, ReactNode } from "react";
import { useMay } from "../../api/me.ts";
import { cx } from "../class-names.ts";

export const popupClass =
  "rounded-lg bg-surface-raised p-1 shadow-2 outline-none transition-[opacity,transform] duration-(--base) [--cut:var(--surface-raised)] " +
  "data-ending-style:opacity-0 data-starting-style:translate-y-1 data-starting-style:opacity-0";

/** A list of acts under a button. */
export function Menu({
  trigger,
  children,
  align = "end",
  defaultOpen = false,
}: {
  trigger: ReactElement<Record<string, unknown>>;
  children: ReactNode;
  align?: "start" | "end";
  defaultOpen?: boolean;
}) {
  return (
    <BaseMenu.Root modal={false} defaultOpen={defaultOpen}>
      <BaseMenu.Trigger render={trigger} />
      <BaseMenu.Portal>
        <BaseMenu.Positioner sideOffset={4} align={align} className="z-40">
          <BaseMenu.Popup className={cx(popupClass, "min-w-44")}>{children}</BaseMenu.Popup>
        </BaseMenu.Positioner>
      </BaseMenu.Portal>
    </BaseMenu.Root>
  );
}

export function MenuItem({
  icon: Icon,
  keys,
  needs,
  refusal = null,
  danger = false,
  onClick,
  children,
}: {
  icon?: LucideIcon;
  keys?: string;
  needs?: string;
  refusal?: string | null;
  danger?: boolean;
  onClick(): void;
  children: ReactNode;
}) {
  const may = useMay(needs);
  const reason = may.may ? refusal : may.reason;
  return (
    <BaseMenu.Item
      disabled={reason !== null}
      onClick={onClick}
      className={cx(
        "flex min-h-7 items-center gap-2.5 rounded-md px-2 py-1 outline-none select-none data-highlighted:bg-surface-active data-disabled:text-fg-3",
        danger && "text-dead",
      )}
    >
      {Icon && (
        <Icon size={14} strokeWidth={1.75} aria-hidden className={cx(!danger && "text-fg-3")} />
      )}
      <span className="min-w-0 flex-1">
        {children}
        {reason !== null && <small className="block max-w-64 text-2xs text-fg-3">{reason}</small>}
      </span>
      {keys !== undefined && (
        <kbd aria-hidden className="touch:hidden">
          {keys}
        </kbd>
      )}
    </BaseMenu.Item>
  );
}

export function MenuLine() {
  return <BaseMenu.Separator className="mx-2 my-1 h-px bg-border" />;
}
