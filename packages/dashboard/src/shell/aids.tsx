import { useEffect } from "react";
import { Hints } from "../parts/hints.tsx";
import { keepFocus } from "../parts/keep-focus.ts";

/** What helps hands and eyes on every page, and comes right after the first one is there. */
export function Aids() {
  useEffect(() => keepFocus(), []);
  return <Hints />;
}
