import { cloneElement, type ReactElement, type ReactNode, Suspense, useState } from "react";

type Face = ReactElement<Record<string, unknown>>;

/**
 * A button whose menu or dialog is fetched when it is pressed first: what nobody opens costs the
 * first page nothing. `open` is given the button, and shows what it opens, open.
 */
export function OnDemand({ face, open }: { face: Face; open(trigger: Face): ReactNode }) {
  const [wanted, setWanted] = useState(false);
  if (!wanted) return cloneElement(face, { onClick: () => setWanted(true) });
  return <Suspense fallback={face}>{open(face)}</Suspense>;
}
