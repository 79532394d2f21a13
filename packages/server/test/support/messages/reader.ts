import type { Principal } from "../../../src/core/workspaces/principal.ts";
import { SCOPES } from "../../../src/core/workspaces/scopes.ts";
import { contactRoutes } from "../../../src/http/conversations/contacts.ts";
import { conversationRoutes } from "../../../src/http/conversations/conversations.ts";
import { messageListRoutes } from "../../../src/http/conversations/message-list.ts";
import { messageRoutes } from "../../../src/http/conversations/messages.ts";
import { unroutableRoutes } from "../../../src/http/ingress/unroutable.ts";
import { httpApp } from "../api/http.ts";
import { type InboxWorld, SHOP } from "./inbox-world.ts";

interface Shown {
  id: string;
  name: string;
  content: object;
  payload: string;
  payload_is_whole: boolean;
  contact: { id: string; name: string };
  channel: { id: string };
  conversation_id: string;
  last_message: { content: object } | null;
  blocked_by: string | null;
  last_activity_at: string;
  created_at: string;
}

/** A page, or one thing; as far as the tests read into it, which know how much is there. */
export interface Answer extends Shown {
  data: [Shown, Shown, Shown, ...Shown[]];
  has_more: boolean;
  next_cursor: string | null;
  window: { free_form_until: string };
  last_inbound_at: string;
}

/** Reads what the inbox has kept, as somebody of the shop's workspace. */
export function openReader(world: InboxWorld, overrides: Partial<Principal> = {}) {
  const principal: Principal = {
    kind: "key",
    workspaceId: world.channels[SHOP]?.workspaceId ?? "",
    accountId: null,
    scopes: new Set(SCOPES),
    keyId: null,
    ...overrides,
  };
  const deps = {
    db: world.database.connections.pool,
    outbox: { cancel: () => Promise.reject(new Error("nothing leaves here")) },
    clock: world.clock,
    linkMedia: (id: string) => ({ url: `/media/${id}`, expires_at: "2026-03-09T09:00:00.000Z" }),
  };
  const routes = [
    conversationRoutes,
    messageListRoutes,
    messageRoutes,
    contactRoutes,
    unroutableRoutes,
  ];
  const app = httpApp({ principal, routes: routes.map((make) => make(deps)) });
  return async (path: string) => {
    const response = await app.request(`/v1${path}`);
    const body: Answer = JSON.parse(await response.text());
    return { status: response.status, body };
  };
}
