import { useSyncExternalStore } from "react";
import { useMe } from "../../api/me.ts";
import { parseViews, type View } from "./views.ts";

const KEY = "curlew.views";
/** What has been read or written here, by key: what a closed storage refuses lasts until the page is left. */
const known = new Map<string, readonly View[]>();
const listeners = new Set<() => void>();

/** A person's own views of a list, in this browser, and how they are changed. */
export function useViews(list: string): [readonly View[], (next: readonly View[]) => void] {
  const { person, workspace } = useMe();
  const key = [KEY, workspace.id, person?.id ?? "nobody", list].join(".");
  const views = useSyncExternalStore(listen, () => viewsAt(key));
  return [views, (next) => write(key, next)];
}

function viewsAt(key: string): readonly View[] {
  const found = known.get(key);
  if (found) return found;
  let kept: string | null = null;
  try {
    kept = localStorage.getItem(key);
  } catch {
    // storage is closed to us: there are none
  }
  const views = parseViews(kept);
  known.set(key, views);
  return views;
}

function write(key: string, next: readonly View[]): void {
  known.set(key, next);
  try {
    localStorage.setItem(key, JSON.stringify(next));
  } catch {
    // storage is closed to us: they last until the page is left
  }
  for (const listener of listeners) listener();
}

function listen(listener: () => void): () => void {
  const onStorage = ({ key }: StorageEvent) => {
    if (key !== null) known.delete(key);
    listener();
  };
  listeners.add(listener);
  window.addEventListener("storage", onStorage);
  return () => {
    listeners.delete(listener);
    window.removeEventListener("storage", onStorage);
  };
}
