import { useActs } from "../acts.ts";

/** ⌘↵ confirms whatever is open. */
export function OnModEnter({ run }: { run(): void }) {
  useActs([{ key: "Mod+Enter", does: "", isQuiet: true, run }]);
  return null;
}
