import { Dialog } from "@base-ui/react/dialog";
import { type ReactElement, useState } from "react";
import { shellWords } from "../words/index.ts";
import { Sidebar } from "./sidebar.tsx";

/** The sidebar of a phone. */
export function MobileMenu({ trigger }: { trigger: ReactElement<Record<string, unknown>> }) {
  const [open, setOpen] = useState(true);
  return (
    <Dialog.Root open={open} onOpenChange={setOpen}>
      <Dialog.Trigger render={trigger} />
      <Dialog.Portal>
        <Dialog.Backdrop className="fixed inset-0 z-30 bg-scrim" />
        <Dialog.Popup
          aria-label={shellWords.menu}
          className="fixed inset-y-0 left-0 z-30 flex w-68 max-w-[85vw] flex-col bg-bg shadow-3 outline-none [--cut:var(--bg)]"
        >
          <Sidebar onChoose={() => setOpen(false)} />
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
