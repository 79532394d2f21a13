export interface Followed {
  id: string;
  title: string;
}

const KEY = "curlew.jobs";
let followed: readonly Followed[] = read();
const listeners = new Set<() => void>();

export function followedJobs(): readonly Followed[] {
  return followed;
}

/** Shows how a job goes on, over pages and reloads, until it has ended. */
export function followJob(id: string, title: string): void {
  changeFollowed([...followed.filter((each) => each.id !== id), { id, title }]);
}

export function changeFollowed(next: readonly Followed[]): void {
  followed = next;
  try {
    sessionStorage.setItem(KEY, JSON.stringify(next));
  } catch {
    // storage is closed to us: it is followed until the page is left
  }
  for (const listener of listeners) listener();
}

function read(): readonly Followed[] {
  try {
    const kept: unknown = JSON.parse(sessionStorage.getItem(KEY) ?? "[]");
    return Array.isArray(kept) ? kept : [];
  } catch {
    return [];
  }
}

export function onFollowed(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}
