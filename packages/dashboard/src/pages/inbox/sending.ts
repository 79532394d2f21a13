import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, type Shape, taken } from "../../api/client.ts";
import { asRefused, type Refused } from "../../api/problem.ts";

import type { Piece } from "./files/batch.ts";

type SendBody = Shape<"SendRequest">;
/** What is sent to a conversation, by a person. */
export type Wish = Omit<SendBody, "actor" | "dry_run" | "conversation_id" | "idempotency_key">;

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

/** Sends from here: shown as queued at once, until the thread shows what it has become. */
export function useSending(conversationId: string): {
  waiting: readonly Waiting[];
  /** One after the other, so that they arrive in this order. */
  send(pieces: readonly Piece[]): void;
  /** The same request again, under the same key: nothing is sent twice. */
  again(key: string): void;
  drop(key: string): void;
} {
  const queries = useQueryClient();
  const [waiting, setWaiting] = useState<readonly Waiting[]>([]);
  const change = (key: string, to: Partial<Waiting>) =>
    setWaiting((all) => all.map((each) => (each.key === key ? { ...each, ...to } : each)));
  const drop = (key: string) => setWaiting((all) => all.filter((each) => each.key !== key));
  const post = async (key: string, wish: Wish) => {
    try {
      const answer = await taken(
        api.POST("/v1/send", {
          params: { header: { "idempotency-key": key } },
          body: { ...wish, conversation_id: conversationId, actor: "agent", dry_run: false },
        }),
      );
      change(key, { messageId: answer.message_id });
    } catch (error) {
      const refused = asRefused(error);
      // The thread shows a message that the provider refused, with its reason.
      if (refused.code === "provider_refused") drop(key);
      else change(key, { refused });
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
      setWaiting((all) => [...all, ...made]);
      void inTurn(made, ({ key, wish }) => post(key, wish));
    },
    again(key) {
      const found = waiting.find((each) => each.key === key);
      if (!found) return;
      change(key, { refused: null });
      void post(key, found.wish);
    },
    drop,
  };
}

async function inTurn<T>(all: readonly T[], work: (each: T) => Promise<void>): Promise<void> {
  for (const each of all) await work(each);
}

/** `crypto.randomUUID` is for secure contexts; this page is served over plain HTTP too. */
function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
