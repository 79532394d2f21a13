import type { MediaSource } from "../core/inbound.ts";
import type { Queryable } from "../core/recording.ts";
import { ints, texts, uuids } from "./columns.ts";

/** A file of a message that is still at its provider. Its id is the `med_` id of the content. */
export interface NewMedia extends MediaSource {
  id: string;
  workspaceId: string;
  channelId: string;
  messageId: string;
}

/** Notes what is to be fetched, and where. */
export async function insertMedia(
  tx: Queryable,
  media: readonly NewMedia[],
  now: number,
): Promise<void> {
  if (media.length === 0) return;
  await tx.query({
    name: "insert_media",
    text: `insert into media (id, workspace_id, channel_id, message_id, part, provider_media_id, provider_url,
        created_at)
      select i.id, i.workspace_id, i.channel_id, i.message_id, i.part, i.provider_media_id, i.provider_url,
        to_timestamp($8::float8 / 1000)
      from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::int[], $6::text[], $7::text[])
        as i (id, workspace_id, channel_id, message_id, part, provider_media_id, provider_url)`,
    values: [
      uuids(media.map((each) => each.id)),
      uuids(media.map((each) => each.workspaceId)),
      uuids(media.map((each) => each.channelId)),
      uuids(media.map((each) => each.messageId)),
      ints(media.map((each) => each.part)),
      texts(media.map((each) => each.providerMediaId)),
      texts(media.map((each) => each.url)),
      now,
    ],
  });
}
