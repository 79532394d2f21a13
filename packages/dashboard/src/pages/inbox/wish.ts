import type { Shape } from "../../api/client.ts";

type SendBody = Shape<"SendRequest">;
/** What is sent to a conversation, by a person. */
export type Wish = Omit<SendBody, "actor" | "dry_run" | "conversation_id" | "idempotency_key">;
