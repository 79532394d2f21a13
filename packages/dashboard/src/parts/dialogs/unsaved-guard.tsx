import { useBlocker } from "@tanstack/react-router";
import { partWords } from "../../words/index.ts";
import { Confirm } from "./confirm.tsx";

/** Asks before a page is left on which something was entered. */
export function UnsavedGuard({ isDirty }: { isDirty: boolean }) {
  const { status, proceed, reset } = useBlocker({
    shouldBlockFn: ({ current, next }) => isDirty && current.pathname !== next.pathname,
    enableBeforeUnload: () => isDirty,
    withResolver: true,
  });
  return (
    <Confirm
      open={status === "blocked"}
      onClose={() => reset?.()}
      title={partWords.unsaved.title}
      text={partWords.unsaved.text}
      does={partWords.unsaved.leave}
      keep={partWords.unsaved.stay}
      onConfirm={() => proceed?.()}
    />
  );
}
