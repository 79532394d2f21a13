const KEY = "curlew.workspace";
let chosen = read();
const doubters = new Set<() => void>();

/** The workspace that this tab acts on; null for the first one that you are a member of. */
export function currentWorkspace(): string | null {
  return chosen;
}

/** Kept for this tab, and for the next one that is opened. */
export function chooseWorkspace(id: string | null): void {
  chosen = id;
  try {
    for (const storage of [sessionStorage, localStorage]) {
      if (id === null) storage.removeItem(KEY);
      else storage.setItem(KEY, id);
    }
  } catch {
    // storage is closed to us: it holds until the page is left
  }
}

/** Nobody chose one: the one that was shown stays the one, whatever comes first among yours later. */
export function holdWorkspace(id: string): void {
  chosen ??= id;
}

/** A request was refused: the workspace may be there no more, or not for you. */
export function doubtWorkspace(): void {
  for (const each of doubters) each();
}

export function onWorkspaceDoubted(listener: () => void): () => void {
  doubters.add(listener);
  return () => void doubters.delete(listener);
}

function read(): string | null {
  try {
    return sessionStorage.getItem(KEY) ?? localStorage.getItem(KEY);
  } catch {
    return null;
  }
}
