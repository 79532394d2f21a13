import type { Refused } from "../../api/problem.ts";

export interface ToastData {
  tone: "good" | "bad" | "job";
  requestId?: string | null;
  /** Of a job: how far it is. */
  progress?: { done: number; total: number | null };
  onStop?: () => void;
}

export interface ToastOptions {
  title: string;
  description?: string | undefined;
  /** 0 stays until it is dismissed. */
  timeout: number;
  priority?: "low" | "high";
  data: ToastData;
  actionProps?: { children: string; onClick(): void };
}

const SHOWN_MS = 6_000;
let waiting: ToastOptions[] = [];
let show: ((options: ToastOptions) => void) | null = null;
const listeners = new Set<() => void>();

/** One line of fact, one of consequence, and Undo where it can be. */
export function toastFact({
  fact,
  consequence,
  undo,
}: {
  fact: string;
  consequence?: string;
  undo?: { label: string; run(): void };
}): void {
  add({
    title: fact,
    description: consequence,
    timeout: SHOWN_MS,
    data: { tone: "good" },
    ...(undo ? { actionProps: { children: undo.label, onClick: undo.run } } : {}),
  });
}

/** Stays until it is dismissed, and carries the request's id; with an act, where it can be mended. */
export function toastRefusal(
  title: string,
  refused: Refused,
  act?: { label: string; run(): void },
): void {
  add({
    title,
    description: refused.message,
    timeout: 0,
    priority: "high",
    data: { tone: "bad", requestId: refused.requestId },
    ...(act ? { actionProps: { children: act.label, onClick: act.run } } : {}),
  });
}

/** What draws them is fetched with the first one; until it is here they wait. */
export function takeToasts(taker: (options: ToastOptions) => void): void {
  show = taker;
  for (const options of waiting) taker(options);
  waiting = [];
}

export function areToastsWanted(): boolean {
  return show !== null || waiting.length > 0;
}

export function onToastsWanted(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

function add(options: ToastOptions): void {
  if (show) {
    show(options);
    return;
  }
  waiting.push(options);
  for (const listener of listeners) listener();
}
