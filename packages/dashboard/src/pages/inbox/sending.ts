import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useSyncExternalStore } from "react";
import { api, taken } from "../../api/client.ts";
import { asRefused, type Refused } from "../../api/problem.ts";
import { toastRefusal } from "../../parts/toasts/toasts.ts";
import { inboxWords } from "../../words/index.ts";
import type { Piece } from "./files/batch.ts";
import type { Wish } from "./wish.ts";

/** A message that was sent from here and does not stand in the thread yet. */
export interface Waiting {
  key: string;
  wish: Wish;
  /** In one line. */
  text: string;
  file: Piece["file"];
  /** The server's id of it, once it has one. */
  messageId: string | null;
  refused: Refused | null;
}

/** By conversation: who looks into another one meanwhile finds here what was not sent. */
const held = new Map<string, readonly Waiting[]>();
const listeners = new Set<() => void>();
const NONE: readonly Waiting[] = [];

/** Sends from here: shown as queued at once, until the thread shows what it has become. */
export function useSending(conversationId: string): {
  waiting: readonly Waiting[];
  /** One after the other, so that they arrive in this order. */
  send(pieces: readonly Piece[]): void;
  /** The same request again, under the same key: nothing is sent twice. */
  again(key: string): void;
  drop(key: string): void;
  /** The thread shows these messages itself now. */
  shown(messageIds: ReadonlySet<string>): void;
} {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const waiting = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    () => held.get(conversationId) ?? NONE,
  );
  const change = (key: string, to: Partial<Waiting>) =>
    hold(conversationId, (all) =>
      all.map((each) => (each.key === key ? { ...each, ...to } : each)),
    );
  const drop = (key: string) =>
    hold(conversationId, (all) => all.filter((each) => each.key !== key));
  const isSeen = () =>
    queries
      .getQueryCache()
      .find({ queryKey: ["messages", conversationId] })
      ?.isActive() === true;
  const post = async (key: string, wish: Wish) => {
    try {
      const answer = await taken(
        api.POST("/v1/send", {
          params: { header: { "idempotency-key": key } },
          body: { ...wish, conversation_id: conversationId, actor: "agent", dry_run: false },
        }),
      );
      if (isSeen()) change(key, { messageId: answer.message_id });
      else drop(key);
    } catch (error) {
      const refused = asRefused(error);
      // The thread shows a message that the provider refused, with its reason.
      if (refused.code === "provider_refused") drop(key);
      else change(key, { refused });
      if (!isSeen())
        toastRefusal(inboxWords.reply.failed, refused, {
          label: inboxWords.reply.show,
          run: () => void navigate({ to: `/inbox/${conversationId}` }),
        });
    }
    void queries.invalidateQueries({ queryKey: ["messages", conversationId] });
    void queries.invalidateQueries({ queryKey: ["conversation", conversationId] });
    void queries.invalidateQueries({ queryKey: ["conversations"] });
  };
  return {
    waiting,
    send(pieces) {
      const made = pieces.map(
        (piece): Waiting => ({ ...piece, key: newKey(), messageId: null, refused: null }),
      );
      hold(conversationId, (all) => [...all, ...made]);
      void inTurn(made, ({ key, wish }) => post(key, wish));
    },
    again(key) {
      const found = waiting.find((each) => each.key === key);
      if (!found) return;
      change(key, { refused: null });
      void post(key, found.wish);
    },
    drop,
    shown: (messageIds) =>
      hold(conversationId, (all) =>
        all.filter(({ messageId }) => messageId === null || !messageIds.has(messageId)),
      ),
  };
}

/** Whether it may have been kept all the same: then only the same request may be made again. */
export function mayHaveGone({ status, code }: Refused): boolean {
  return status === 0 || status >= 500 || code === "idempotency_in_progress";
}

function hold(conversationId: string, to: (all: readonly Waiting[]) => readonly Waiting[]): void {
  const before = held.get(conversationId) ?? NONE;
  const after = to(before);
  if (after.length === 0) held.delete(conversationId);
  else held.set(conversationId, after);
  for (const listener of listeners) listener();
}

async function inTurn<T>(all: readonly T[], work: (each: T) => Promise<void>): Promise<void> {
  for (const each of all) await work(each);
}

/** `crypto.randomUUID` is for secure contexts; this page is served over plain HTTP too. */
function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
