import { useEffect, useSyncExternalStore } from "react";

let crumb: string | null = null;
const listeners = new Set<() => void>();

/** Names what a page shows in the path of the top bar: `HubSpot bridge`. */
export function useNamed(name: string | undefined): void {
  useEffect(() => {
    set(name ?? null);
    return () => set(null);
  }, [name]);
}

export function useCrumb(): string | null {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    () => crumb,
  );
}

function set(name: string | null): void {
  crumb = name;
  for (const listener of listeners) listener();
}
