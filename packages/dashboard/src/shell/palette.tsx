import { Dialog } from "@base-ui/react/dialog";
import { useNavigate } from "@tanstack/react-router";
import { Command } from "cmdk";
import { ArrowRight, Search } from "lucide-react";
import { useState } from "react";
import { pages } from "../pages/index.ts";
import { useAllActs } from "../parts/acts.ts";
import { idIn, placeOf } from "../parts/places.ts";
import { shellWords } from "../words/index.ts";
import { capsOf } from "./caps.ts";
import { useNav } from "./nav.ts";

const words = shellWords.palette;
const ITEM =
  "mx-1.5 flex h-8.5 items-center gap-2.5 rounded-md px-2 select-none data-[selected=true]:bg-surface-active";
const HEADING =
  "**:[[cmdk-group-heading]]:px-3.5 **:[[cmdk-group-heading]]:pt-2.25 **:[[cmdk-group-heading]]:pb-1 **:[[cmdk-group-heading]]:text-2xs **:[[cmdk-group-heading]]:font-medium **:[[cmdk-group-heading]]:text-fg-3";

/** ⌘K: acts of what is open first, then pages, then any id. */
export function Palette({ onClose }: { onClose(): void }) {
  const [text, setText] = useState("");
  const navigate = useNavigate();
  const acts = useAllActs()
    .flatMap((layer) => layer.acts)
    .filter(({ isQuiet, refusal }) => isQuiet !== true && refusal == null);
  const seen = useNav().flatMap((group) => group.pages);
  const id = idIn(text);
  const place = id === null ? null : placeOf(id);
  const go = (to: string) => {
    onClose();
    void navigate({ to });
  };
  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Backdrop className="fixed inset-0 z-30 bg-scrim" />
        <Dialog.Popup
          aria-label={words.label}
          className="fixed top-[12vh] left-1/2 z-30 w-140 max-w-[calc(100vw-24px)] -translate-x-1/2 overflow-hidden rounded-xl bg-surface-raised shadow-3 outline-none"
        >
          <Command label={words.label} loop>
            <div className="flex h-11 items-center gap-2.5 border-b border-border px-3.5">
              <Search size={15} strokeWidth={1.75} aria-hidden className="text-fg-3" />
              <Command.Input
                value={text}
                onValueChange={setText}
                placeholder={words.placeholder}
                className="h-full min-w-0 flex-1 bg-transparent text-md outline-none"
              />
            </div>
            <Command.List className="max-h-[50vh] overflow-y-auto pb-1.5">
              <Command.Empty className="px-3.5 py-4 text-fg-3">{words.none}</Command.Empty>
              {id !== null && place !== null && (
                <Command.Group heading={words.found} forceMount className={HEADING}>
                  <Command.Item
                    value={`${text} ${id}`}
                    forceMount
                    onSelect={() => go(place)}
                    className={ITEM}
                  >
                    <ArrowRight size={14} strokeWidth={1.75} aria-hidden className="text-fg-3" />
                    <code className="truncate text-xs">{id}</code>
                  </Command.Item>
                </Command.Group>
              )}
              {acts.length > 0 && (
                <Command.Group heading={words.here} className={HEADING}>
                  {acts.map(({ does, key, icon: Icon, run }) => (
                    <Command.Item
                      key={does}
                      value={does}
                      className={ITEM}
                      onSelect={() => {
                        onClose();
                        // After the dialog has given the focus back.
                        setTimeout(run, 0);
                      }}
                    >
                      {Icon && (
                        <Icon size={14} strokeWidth={1.75} aria-hidden className="text-fg-3" />
                      )}
                      {does}
                      <Caps of={key} />
                    </Command.Item>
                  ))}
                </Command.Group>
              )}
              <Command.Group heading={words.goTo} className={HEADING}>
                {seen.map(({ title, path, nav: { icon: Icon, key } }) => (
                  <Command.Item
                    key={path}
                    value={`${title} ${path}`}
                    onSelect={() => go(path)}
                    className={ITEM}
                  >
                    <Icon size={14} strokeWidth={1.75} aria-hidden className="text-fg-3" />
                    {title}
                    <Caps of={key === undefined ? undefined : `g ${key}`} />
                  </Command.Item>
                ))}
                {pages
                  .filter(({ nav, path }) => !nav && !path.includes("$"))
                  .map(({ title, path }) => (
                    <Command.Item
                      key={path}
                      value={`${title} ${path}`}
                      onSelect={() => go(path)}
                      className={ITEM}
                    >
                      <ArrowRight size={14} strokeWidth={1.75} aria-hidden className="text-fg-3" />
                      {title}
                    </Command.Item>
                  ))}
              </Command.Group>
            </Command.List>
          </Command>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function Caps({ of }: { of: string | undefined }) {
  return (
    <span className="ml-auto flex gap-1" aria-hidden>
      {capsOf(of).map((cap) => (
        <kbd key={cap}>{cap}</kbd>
      ))}
    </span>
  );
}
