import { Toast } from "@base-ui/react/toast";
import { X } from "lucide-react";
import { useEffect } from "react";
import { number } from "../../words/format.ts";
import { partWords } from "../../words/index.ts";
import { useActs } from "../acts.ts";
import { cx } from "../class-names.ts";
import { Button, buttonClass } from "../controls/button.tsx";
import { Id } from "../values/id.tsx";
import { Glyph } from "../values/state.tsx";
import { type ToastData, takeToasts } from "./toasts.ts";

/** Those that are shown. */
export const toasts = Toast.createToastManager<ToastData>();

/** Bottom right: what has happened, and what goes on. */
export function Toaster() {
  useEffect(() => takeToasts((options) => void toasts.add(options)), []);
  return (
    <Toast.Provider toastManager={toasts} limit={4}>
      <Toast.Portal>
        <Toast.Viewport
          aria-label={partWords.toasts.label}
          className="fixed right-4 bottom-12 z-50 flex w-89 max-w-[calc(100vw-32px)] flex-col gap-2.5 phone:bottom-20"
        >
          <Toasts />
        </Toast.Viewport>
      </Toast.Portal>
    </Toast.Provider>
  );
}

const GLYPHS = {
  good: { of: "delivered", colour: "text-delivered" },
  bad: { of: "dead", colour: "text-dead" },
  job: { of: "retrying", colour: "text-accent" },
} as const;

function Toasts() {
  const { toasts: shown } = Toast.useToastManager<ToastData>();
  useActs(
    shown.length === 0
      ? []
      : [
          // Base UI moves the focus there, and back.
          { key: "F6", does: partWords.toasts.go, isQuiet: true, run: () => {} },
        ],
    "everywhere",
  );
  return shown.map((toast) => {
    const { tone = "good", requestId, progress, onStop } = toast.data ?? {};
    const glyph = GLYPHS[tone];
    return (
      <Toast.Root
        key={toast.id}
        toast={toast}
        className="rounded-lg bg-surface-raised shadow-2 transition-opacity duration-(--base) [--cut:var(--surface-raised)] data-ending-style:opacity-0 data-starting-style:opacity-0"
      >
        <Toast.Content className="flex gap-2.5 py-3 pr-3 pl-3.5">
          <span className={cx("mt-0.75", glyph.colour)}>
            <Glyph of={glyph.of} />
          </span>
          <div className="min-w-0 flex-1">
            <div className="flex items-baseline gap-2">
              <Toast.Title className="min-w-0 font-medium" />
              {progress && (
                <span className="tnum ml-auto text-xs whitespace-nowrap text-fg-3">
                  {progress.total === null
                    ? number(progress.done)
                    : partWords.job.progress(number(progress.done), number(progress.total))}
                </span>
              )}
            </div>
            {progress && progress.total !== null && (
              <div className="my-1.5 h-1 overflow-hidden rounded-full bg-surface-active">
                <div
                  className="h-full bg-delivered-solid"
                  style={{
                    width: `${Math.min(100, (progress.done / Math.max(1, progress.total)) * 100)}%`,
                  }}
                />
              </div>
            )}
            <Toast.Description className="mt-0.5 text-xs text-fg-3" />
            {requestId != null && <Id id={requestId} shown="always" className="mt-1" />}
          </div>
          {toast.actionProps && <Toast.Action className={buttonClass("plain", "sm")} />}
          {onStop && (
            <Button size="sm" onClick={onStop}>
              {partWords.job.stop}
            </Button>
          )}
          <Toast.Close
            aria-label={partWords.close}
            className="-mt-0.5 -mr-1 grid size-6 flex-none place-items-center rounded-sm text-fg-3 hover:text-fg"
          >
            <X size={13} aria-hidden />
          </Toast.Close>
        </Toast.Content>
      </Toast.Root>
    );
  });
}
