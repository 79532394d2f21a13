import { z } from "zod";
import type { ProviderHttp } from "../../core/outside/provider-http.ts";
import type { ProviderPlaces, Sender } from "../../core/sending/outgoing.ts";
import type { SendOutcome } from "../../core/sending/send-outcome.ts";
import { type Acceptance, type GraphDialect, postToGraph } from "../meta/graph-send.ts";
import { verdictOn } from "./errors.ts";

const Accepted = z.object({
  contacts: z.array(z.object({ wa_id: z.string().optional() })).optional(),
  messages: z.array(z.object({ id: z.string().min(1) })).min(1),
});

function acceptanceIn(body: unknown): Acceptance | null {
  const accepted = Accepted.safeParse(body);
  const providerId = accepted.data?.messages[0]?.id;
  if (providerId === undefined) return null;
  const waId = accepted.data?.contacts?.[0]?.wa_id;
  return { providerId, recipient: waId ? { kind: "wa_id", value: waId } : null };
}

export const WHATSAPP: GraphDialect = { acceptanceIn, verdictOn };

/** What is answered to a typing indicator or a mark as read. */
const SIGNAL: GraphDialect = {
  acceptanceIn: () => ({ providerId: null, recipient: null }),
  verdictOn,
};

export function sendWhatsapp(
  http: ProviderHttp,
  { meta }: ProviderPlaces,
  { externalId, credentials }: Sender,
  body: object,
  kind: "message" | "signal" = "message",
): Promise<SendOutcome> {
  const url = `${meta.graphUrl}/${meta.graphVersion}/${externalId}/messages`;
  const to = { url, token: credentials.access_token };
  return postToGraph(http, to, body, kind === "message" ? WHATSAPP : SIGNAL);
}
