import { isoOf } from "../../core/events/envelope.ts";
import type { AcceptorSpec, Recording } from "../../core/events/recording.ts";
import { publicId } from "../../core/ids.ts";
import type { Content } from "../../core/messages/content.ts";
import { type MediaFailure, type MediaTruth, withMedia } from "../../core/messages/media.ts";
import { routeChannels } from "../../storage/channels/routing.ts";
import { readContacts } from "../../storage/conversations/contacts.ts";
import { lockConversationStates } from "../../storage/conversations/conversations.ts";
import { endMedia } from "../../storage/conversations/media.ts";
import {
  findMessagePlaces,
  lockMessages,
  saveWords,
} from "../../storage/conversations/messages.ts";
import { Stage } from "../batch/stage.ts";

const MAX_ENDS = 64;

/** How fetching a file has ended, by whoever had leave to fetch it. */
export interface MediaEnd {
  id: string;
  attempt: number;
  messageId: string;
  channelId: string;
  workspaceId: string;
  /** Null where it failed. */
  truth: MediaTruth | null;
  failure: MediaFailure | null;
}

/**
 * Writes down what became of files and tells of those that cannot be had. Answers whether the word
 * counted: false when the file was taken away meanwhile, or somebody else had the claim.
 */
export function mediaEndsSpec(): AcceptorSpec<MediaEnd, boolean> {
  return {
    name: "media",
    maxUnits: MAX_ENDS,
    laneOf: ({ messageId }) => [messageId],
    run: endAll,
  };
}

async function endAll(recording: Recording, ends: readonly MediaEnd[]): Promise<boolean[]> {
  const { tx, now } = recording;
  const places = await findMessagePlaces(
    tx,
    ends.map(({ messageId }) => messageId),
  );
  const conversations = await lockConversationStates(
    tx,
    [...places.values()].map(({ conversationId }) => conversationId).sort(),
  );
  const messages = await lockMessages(tx, [...places.keys()]);
  const written = await endMedia(tx, ends);
  const contacts = await readContacts(
    tx,
    [...conversations.values()].map(({ contactId }) => contactId),
  );
  const routes = await routeChannels(tx, {
    channels: ends.map(({ channelId }) => channelId),
    conversations: [],
  });
  const newId = () => recording.newId();
  const scene = { now, newId, files: null, conversations, contacts, messages };
  const stage = new Stage(scene);
  for (const end of ends) if (written.has(end.id)) tell(stage, end, places, routes);
  const story = stage.story();
  await saveWords(tx, story.reworded);
  await recording.append(story.drafts);
  return ends.map(({ id }) => written.has(id));
}

function tell(
  stage: Stage,
  { id, messageId, channelId, truth, failure }: MediaEnd,
  places: Awaited<ReturnType<typeof findMessagePlaces>>,
  routes: Awaited<ReturnType<typeof routeChannels>>,
): void {
  const message = stage.message(messageId);
  const place = places.get(messageId);
  const route = routes.get(channelId);
  if (message === undefined || place === undefined) return;
  const name = publicId("med", id);
  // The cast is safe: the column holds only what JSON.stringify made of a content.
  const content = JSON.parse(message.content) as Content;
  const facts =
    truth === null
      ? { state: "failed" as const, url: null, expires_at: null }
      : { state: "stored" as const, ...truth };
  const after = withMedia(content, name, facts);
  if (after !== null) stage.reword({ ...message, content: JSON.stringify(after) });
  if (failure === null || route === undefined) return;
  const data = {
    message_id: publicId("msg", messageId),
    provider_id: message.providerId,
    media: { id: name },
    error: failure,
    at: isoOf(stage.now),
  };
  const conversation = stage.conversation(place.conversationId);
  stage.tell("message.media_failed", route, { conversation }, data);
}
