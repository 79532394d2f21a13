import { useSyncExternalStore } from "react";
import { useMe } from "../../api/me.ts";

const KEY = "curlew.first-run";
const listeners = new Set<() => void>();

/** Whether this browser has put the checklist of the workspace away; the palette still leads there. */
export function useIsPutAway(): boolean {
  const { workspace } = useMe();
  return useSyncExternalStore(listen, () => isPutAway(workspace.id));
}

export function putAway(workspaceId: string, away: boolean): void {
  try {
    if (away) localStorage.setItem(`${KEY}.${workspaceId}`, "away");
    else localStorage.removeItem(`${KEY}.${workspaceId}`);
  } catch {
    // storage is closed to us: it stays where it is
  }
  for (const listener of listeners) listener();
}

function isPutAway(workspaceId: string): boolean {
  try {
    return localStorage.getItem(`${KEY}.${workspaceId}`) === "away";
  } catch {
    return false;
  }
}

function listen(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}
