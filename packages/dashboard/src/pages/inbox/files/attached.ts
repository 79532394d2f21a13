import { useSyncExternalStore } from "react";
import { api } from "../../../api/client.ts";
import { asRefused, type Refused } from "../../../api/problem.ts";
import { type UploadedFile, uploadFile } from "../../../api/upload.ts";
import type { Ready } from "./batch.ts";
import { type FileLimit, type Fit, fitOf } from "./fits.ts";

/** How far a file is that was picked for a conversation. */
export type Progress =
  | { kind: "going"; share: number }
  /** The channel takes no such file. */
  | { kind: "unfit"; fit: Exclude<Fit, { kind: "fits" }>; mime: string }
  | { kind: "failed"; refused: Refused }
  | { kind: "here"; uploaded: UploadedFile; limit: Pick<FileLimit, "type" | "max_caption"> };

export interface Attached {
  key: number;
  file: File;
  /** An address of the picture in this browser; null for what is none. */
  preview: string | null;
  progress: Progress;
}

interface Held extends Attached {
  stop: AbortController;
}

/** By conversation: who looks into another one meanwhile finds them again. */
const held = new Map<string, readonly Held[]>();
const listeners = new Set<() => void>();
const NONE: readonly Held[] = [];
let last = 0;

/** What the channel takes; null where nobody may ask, or nobody answers. */
export interface Limits {
  /** As far as it is known: null, too, while it is asked for. */
  known: readonly FileLimit[] | null;
  read(): Promise<readonly FileLimit[] | null>;
}

export interface Attaching {
  files: readonly Attached[];
  add(files: readonly File[]): void;
  remove(key: number): void;
  /** Tries one that failed again. */
  again(key: number): void;
  /** Those that are at the server, which are the caller's from now on. */
  take(): Ready[];
}

/** The files that wait in a conversation's composer. They are brought to the server at once. */
export function useAttached(conversationId: string, limits: Limits): Attaching {
  const files = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    () => held.get(conversationId) ?? NONE,
  );
  return {
    files,
    add: (added) => {
      for (const file of added) attach(conversationId, file, limits);
    },
    remove: (key) => {
      const found = files.find((each) => each.key === key);
      if (found) void detach(conversationId, found);
    },
    again: (key) => {
      const found = files.find((each) => each.key === key);
      if (found) void bring(conversationId, found, limits);
    },
    take: () => {
      change(conversationId, () => NONE);
      return files.flatMap((each) => {
        if (each.preview !== null) URL.revokeObjectURL(each.preview);
        if (each.progress.kind !== "here") return [];
        const { uploaded, limit } = each.progress;
        return [{ id: uploaded.id, name: each.file.name, bytes: each.file.size, limit }];
      });
    },
  };
}

function change(conversationId: string, to: (files: readonly Held[]) => readonly Held[]): void {
  const changed = to(held.get(conversationId) ?? NONE);
  if (changed.length === 0) held.delete(conversationId);
  else held.set(conversationId, changed);
  for (const listener of listeners) listener();
}

function attach(conversationId: string, file: File, limits: Limits): void {
  const preview = file.type.startsWith("image/") ? URL.createObjectURL(file) : null;
  last += 1;
  const added: Held = {
    ...{ key: last, file, preview, stop: new AbortController() },
    progress: { kind: "going", share: 0 },
  };
  change(conversationId, (files) => [...files, added]);
  const fit = limits.known && fitOf(limits.known, { mime: file.type, bytes: file.size });
  if (fit && fit.kind !== "fits") {
    progress(conversationId, added.key, { kind: "unfit", fit, mime: file.type });
  } else void bring(conversationId, added, limits);
}

async function bring(
  conversationId: string,
  { key, file, stop }: Held,
  limits: Limits,
): Promise<void> {
  const tell = (to: Progress) => progress(conversationId, key, to);
  tell({ kind: "going", share: 0 });
  try {
    const onShare = (share: number) => tell({ kind: "going", share });
    const uploaded = await uploadFile(file, { onShare, signal: stop.signal });
    // A small file is there before it is known what the channel takes.
    const taken = await limits.read();
    if (stop.signal.aborted) return giveUp(uploaded.id);
    // What it is the server alone knows for sure.
    const fit = fitOf(taken ?? ANYTHING, uploaded);
    if (fit.kind === "fits") return tell({ kind: "here", uploaded, limit: fit.limit });
    tell({ kind: "unfit", fit, mime: uploaded.mime });
    giveUp(uploaded.id);
  } catch (error) {
    if (!stop.signal.aborted) tell({ kind: "failed", refused: asRefused(error) });
  }
}

async function detach(conversationId: string, { key, preview, progress, stop }: Held) {
  stop.abort();
  change(conversationId, (files) => files.filter((each) => each.key !== key));
  if (preview !== null) URL.revokeObjectURL(preview);
  if (progress.kind === "here") giveUp(progress.uploaded.id);
}

/** Whoever does not manage to say so: it goes by itself after a day. */
function giveUp(id: string): void {
  api.DELETE("/v1/media/{id}", { params: { path: { id } } }).catch(() => {});
}

function progress(conversationId: string, key: number, to: Progress): void {
  change(conversationId, (files) =>
    files.map((each) => (each.key === key ? { ...each, progress: to } : each)),
  );
}

/** For a role that does not see the channel: the server refuses what does not fit. */
const ANYTHING: readonly FileLimit[] = (
  [
    ["image", "image/*"],
    ["video", "video/*"],
    ["audio", "audio/*"],
    ["document", "*"],
  ] as const
).map(([type, mime]) => ({
  ...{ type, mimes: [mime], max_bytes: Number.MAX_SAFE_INTEGER },
  max_caption: null,
}));
