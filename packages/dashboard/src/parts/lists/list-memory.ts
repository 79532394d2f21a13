import { useSyncExternalStore } from "react";

/** What is selected of a list: some rows, or all that match its filter. */
export type Selection = { kind: "rows"; ids: ReadonlySet<string> } | { kind: "all" };

interface Memory {
  scrollTop: number;
  cursor: string | null;
  selection: Selection;
}

const NOTHING: Selection = { kind: "rows", ids: new Set() };
const kept = new Map<string, Memory>();
const listeners = new Set<() => void>();

/** Scroll place, cursor and selection of a list, which survive opening a row and coming back. */
export function memoryOf(list: string): Memory {
  let memory = kept.get(list);
  if (memory === undefined) {
    memory = { scrollTop: 0, cursor: null, selection: NOTHING };
    kept.set(list, memory);
  }
  return memory;
}

export function remember(list: string, change: Partial<Memory>): void {
  kept.set(list, { ...memoryOf(list), ...change });
  for (const listener of listeners) listener();
}

export function useMemory(list: string): Memory {
  return useSyncExternalStore(listen, () => memoryOf(list));
}

export function clearSelection(list: string): void {
  remember(list, { selection: NOTHING });
}

export function isSelected({ selection }: Memory, id: string): boolean {
  return selection.kind === "all" || selection.ids.has(id);
}

/** Puts rows into the selection, or takes them out. */
export function select(list: string, ids: readonly string[], selected: boolean): void {
  const { selection } = memoryOf(list);
  const next = new Set(selection.kind === "rows" ? selection.ids : []);
  for (const id of ids) {
    if (selected) next.add(id);
    else next.delete(id);
  }
  remember(list, { selection: { kind: "rows", ids: next } });
}

function listen(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}
