import type { InDoubt } from "../channels/twilio/reconcile.ts";
import type { Queryable } from "../core/events/recording.ts";
import { publicId } from "../core/ids.ts";
import { findDoubtsOf } from "../storage/sending/sms-reconciliation.ts";
import { readRequest } from "./request.ts";

/** What a channel's provider may or may not have taken, as it was handed over. */
export async function doubtsOf(db: Queryable, channelId: string): Promise<InDoubt[]> {
  const rows = await findDoubtsOf(db, channelId);
  return rows.map(({ messageId, request, leftAt }) => {
    const { to, content } = readRequest(request);
    const body =
      content.type === "text" ? content.text : content.type === "media" ? content.caption : null;
    return { token: publicId("msg", messageId), to: to.value, body: body ?? "", leftAt };
  });
}
