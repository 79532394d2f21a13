import { Dialog as BaseDialog } from "@base-ui/react/dialog";
import type { ComponentProps, ReactNode } from "react";
import { cx } from "../class-names.ts";

/** A modal dialog; on a phone a sheet from below. */
export function Dialog({
  open,
  onOpenChange,
  title,
  text,
  children,
  foot,
  width = 540,
  dismissible = true,
  initialFocus,
}: {
  open: boolean;
  onOpenChange(open: boolean): void;
  title: ReactNode;
  text?: ReactNode;
  children?: ReactNode;
  /** The buttons, the one that acts last. */
  foot?: ReactNode;
  width?: number;
  /** Whether Esc and a press beside it close it. */
  dismissible?: boolean;
  /** Where the focus begins; else with the first that can have it. */
  initialFocus?: ComponentProps<typeof BaseDialog.Popup>["initialFocus"];
}) {
  return (
    <BaseDialog.Root
      open={open}
      onOpenChange={(isOpen, details) => {
        const isEscape = details.reason === "escape-key" || details.reason === "outside-press";
        if (!isOpen && isEscape && !dismissible) details.cancel();
        else onOpenChange(isOpen);
      }}
    >
      <BaseDialog.Portal>
        <BaseDialog.Backdrop className="fixed inset-0 z-30 bg-scrim transition-opacity duration-(--base) data-ending-style:opacity-0 data-starting-style:opacity-0" />
        <BaseDialog.Viewport className="fixed inset-0 z-30 grid place-items-center overflow-y-auto p-6 phone:items-end phone:p-0">
          <BaseDialog.Popup
            {...(initialFocus ? { initialFocus } : {})}
            className="w-full rounded-xl bg-surface-raised shadow-3 outline-none transition-[opacity,transform] duration-(--base) [--cut:var(--surface-raised)] data-ending-style:opacity-0 data-starting-style:translate-y-1 data-starting-style:opacity-0 phone:max-w-none! phone:rounded-b-none"
            style={{ maxWidth: width }}
          >
            <div className="px-5.5 pt-5">
              <BaseDialog.Title className="text-lg font-strong tracking-tight">
                {title}
              </BaseDialog.Title>
              {text !== undefined && (
                <BaseDialog.Description className="mt-0.5 text-fg-3">{text}</BaseDialog.Description>
              )}
            </div>
            <div className={cx("px-5.5 pt-3.5 pb-4.5", children === undefined && "pt-0")}>
              {children}
            </div>
            {foot !== undefined && (
              <div className="flex flex-wrap items-center justify-end gap-2 rounded-b-xl border-t border-border bg-bg py-3 pr-3.5 pl-5.5 phone:pb-6">
                {foot}
              </div>
            )}
          </BaseDialog.Popup>
        </BaseDialog.Viewport>
      </BaseDialog.Portal>
    </BaseDialog.Root>
  );
}
