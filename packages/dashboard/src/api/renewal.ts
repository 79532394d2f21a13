/** A session that has ended: whoever was refused waits here until somebody has signed in again. */
interface Renewal {
  promise: Promise<boolean>;
  settle(renewed: boolean): void;
}

let wasSignedIn = false;
let renewal: Renewal | null = null;
const listeners = new Set<() => void>();

/** From now on a refusal for want of a session means that it has ended, not that there was none. */
export function noteSignedIn(isIn: boolean): void {
  wasSignedIn = isIn;
}

/** Resolves with true once somebody has signed in again; at once with false where nobody had. */
export function renewSession(): Promise<boolean> {
  if (!wasSignedIn) return Promise.resolve(false);
  if (renewal === null) {
    let settle: (renewed: boolean) => void = () => {};
    const promise = new Promise<boolean>((resolve) => {
      settle = resolve;
    });
    renewal = { promise, settle };
    tell();
  }
  return renewal.promise;
}

/** Those who wait go on, or are refused. */
export function settleRenewal(renewed: boolean): void {
  const ended = renewal;
  renewal = null;
  tell();
  ended?.settle(renewed);
}

export function isRenewing(): boolean {
  return renewal !== null;
}

export function onRenewal(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

function tell(): void {
  for (const listener of listeners) listener();
}
