import type { LucideIcon } from "lucide-react";
import { useEffect, useRef, useSyncExternalStore } from "react";

/** Something that can be done now: by its key, and from the palette. */
export interface Act {
  /** `Pause`, `Replay…`; what the palette and the list of keys call it. */
  does: string;
  /** `p`, `Shift+R`, `Mod+k`, `g o` (one after the other), `Escape`. */
  key?: string;
  icon?: LucideIcon;
  run(event?: KeyboardEvent): void;
  /** Moving about is no act for the palette. */
  isQuiet?: boolean;
  /** Why it cannot be done now: it is left out. */
  refusal?: string | null;
}

interface Layer {
  scope: "everywhere" | "page";
  acts: readonly Act[];
}

const SWITCH = "curlew.keys";
const SEQUENCE_MS = 1_200;
let layers: readonly Layer[] = [];
const listeners = new Set<() => void>();
let begun: { key: string; at: number } | null = null;

/** Declares what can be done while this component is shown; what came last goes first. */
export function useActs(acts: readonly Act[], scope: Layer["scope"] = "page"): void {
  const layer = useRef<Layer>({ scope, acts });
  layer.current.acts = acts;
  useEffect(() => {
    const mine = layer.current;
    layers = [mine, ...layers];
    tell();
    return () => {
      layers = layers.filter((each) => each !== mine);
      tell();
    };
  }, []);
}

/** All that can be done now, the page's first. */
export function useAllActs(): readonly Layer[] {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    () => layers,
  );
}

function tell(): void {
  for (const listener of listeners) listener();
}

/** Whether single keys act; ⌘ and Ctrl always do. */
export function areKeysOn(): boolean {
  try {
    return localStorage.getItem(SWITCH) !== "off";
  } catch {
    return true;
  }
}

export function switchKeys(on: boolean): void {
  try {
    if (on) localStorage.removeItem(SWITCH);
    else localStorage.setItem(SWITCH, "off");
  } catch {
    // storage is closed to us: they stay as they are
  }
}

/** Listens for keys as long as the page stands. */
export function listenForKeys(): () => void {
  const onKey = (event: KeyboardEvent) => {
    // A checkbox takes ↵ for none of its own, and ⌘↵ with it.
    const isTaken = event.defaultPrevented && nameOf(event) !== "Mod+Enter";
    if (isTaken || event.isComposing) return;
    const act = actFor(event);
    if (!act) return;
    event.preventDefault();
    act.run(event);
  };
  document.addEventListener("keydown", onKey);
  return () => document.removeEventListener("keydown", onKey);
}

function actFor(event: KeyboardEvent): Act | undefined {
  const name = nameOf(event);
  const isChord = name.startsWith("Mod+");
  if (!isChord && (isTaken(event.target, name) || !areKeysOn())) return undefined;
  if (isChord && name !== "Mod+Enter" && isModalOpen()) return undefined;
  const now = event.timeStamp;
  const whole = begun && now - begun.at < SEQUENCE_MS ? `${begun.key} ${name}` : null;
  begun = null;
  const acts = layers.flatMap((layer) => layer.acts).filter((act) => act.refusal == null);
  const found = acts.find(({ key }) => key !== undefined && (key === whole || key === name));
  if (!found && acts.some(({ key }) => key?.startsWith(`${name} `))) begun = { key: name, at: now };
  return found;
}

function nameOf(event: KeyboardEvent): string {
  const mod = event.metaKey || event.ctrlKey ? "Mod+" : "";
  if (event.altKey) return "";
  const isLetter = /^[a-z]$/i.test(event.key);
  const shift = event.shiftKey && (isLetter || event.key.length > 1) ? "Shift+" : "";
  const key = isLetter
    ? shift === ""
      ? event.key.toLowerCase()
      : event.key.toUpperCase()
    : event.key;
  return `${mod}${shift}${key}`;
}

const FIELD = "input, textarea, select, [contenteditable=true]";
const OWN_KEYS = "[role=dialog], [role=alertdialog], [role=menu], [role=listbox]";
const PRESSED_BY_ENTER = "a, button, summary, [role=tab], [role=button]";

/** Whether the key belongs to what has the focus. */
function isTaken(target: EventTarget | null, name: string): boolean {
  if (isModalOpen()) return true;
  if (!(target instanceof Element)) return false;
  const field = target.closest(FIELD);
  if (field) return !(field instanceof HTMLInputElement && field.type === "checkbox");
  if (target.closest(OWN_KEYS)) return true;
  return name === "Enter" && target.closest(PRESSED_BY_ENTER) !== null;
}

function isModalOpen(): boolean {
  return document.querySelector("[role=dialog][data-open], [role=alertdialog][data-open]") !== null;
}
