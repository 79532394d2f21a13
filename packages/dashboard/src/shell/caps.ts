const NAMES: Readonly<Record<string, string>> = {
  Mod: "⌘",
  Shift: "⇧",
  Enter: "↵",
  Escape: "Esc",
};

/** The caps of a key, as they are printed: `Shift+R` is ⇧ R. */
export function capsOf(key: string | undefined): string[] {
  if (key === undefined) return [];
  return key.split(/[ +]/).map((part) => NAMES[part] ?? part.toUpperCase());
}
