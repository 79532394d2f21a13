import type { EventDraft, MakeAcceptor, Recording } from "../../core/events/recording.ts";
import { REQUEST_WAIT_MS } from "../../storage/connections/connections.ts";
import { PublishKeys } from "./publish-keys.ts";
import type {
  Planned,
  PublishAnswer,
  Published,
  PublishRequest,
  Refusal,
} from "./publish-request.ts";
import { readScene, type Scene } from "./publish-scene.ts";

/** Requests of one event each that share a transaction at most. */
const MOST_SINGLES = 128;
/** Requests of many events that share a transaction at most: each may hold a thousand. */
const MOST_ARRAYS = 4;
const NO_LANES: readonly string[] = [];

/** Resolves when what was published is committed, or refused. */
export type Publish = (request: PublishRequest) => Promise<PublishAnswer>;

export function createPublisher(makeAcceptor: MakeAcceptor): Publish {
  const workspaceOf = ({ workspaceId }: PublishRequest) => workspaceId;
  const spec = {
    laneOf,
    workspaceOf,
    bringsWebhooks: true,
    waitMs: REQUEST_WAIT_MS,
    run: publishAll,
  };
  const singles = makeAcceptor({ ...spec, name: "publish", maxUnits: MOST_SINGLES });
  const arrays = makeAcceptor({ ...spec, name: "publish many", maxUnits: MOST_ARRAYS });
  return (request) => (request.items.length === 1 ? singles : arrays).accept(request);
}

function laneOf({ workspaceId, items }: PublishRequest): readonly string[] {
  if (items.every(({ conversationId, key }) => conversationId === null && key === null)) {
    return NO_LANES;
  }
  return items.flatMap(({ conversationId, key }) => [
    ...(conversationId === null ? [] : [conversationId]),
    ...(key === null ? [] : [`${workspaceId} ${key.name}`]),
  ]);
}

/** Keys first, then conversations, then the events: the order in which everybody takes locks. */
async function publishAll(
  recording: Recording,
  requests: readonly PublishRequest[],
): Promise<PublishAnswer[]> {
  const keys = await PublishKeys.claim(recording, requests);
  const scene = await readScene(recording, requests);
  const drafts: EventDraft[] = [];
  const plans = requests.map((request) => plan(request, scene, keys, drafts, recording.now));
  const ids = (await recording.append(drafts)).map(({ id }) => id);
  await keys.settle(recording.tx, ids);
  return plans.map((each): PublishAnswer => {
    if ("refusal" in each) return { kind: "refused", ...each };
    return { kind: "published", events: each.map((event) => published(event, ids)) };
  });
}

function published({ event, duplicate }: Planned, ids: readonly string[]): Published {
  const id = typeof event === "string" ? event : ids[event];
  if (id === undefined) throw new Error("an event was recorded and got no id");
  return { id, duplicate };
}

/** Adds what a request publishes to the drafts. A request that is refused leaves nothing behind. */
function plan(
  request: PublishRequest,
  scene: Scene,
  keys: PublishKeys,
  drafts: EventDraft[],
  now: number,
): Planned[] | { item: number; refusal: Refusal } {
  const { workspaceId, items } = request;
  const before = drafts.length;
  const refuse = (item: number, refusal: Refusal) => {
    drafts.length = before;
    keys.forget();
    return { item, refusal };
  };
  const planned: Planned[] = [];
  for (const [at, item] of items.entries()) {
    const place = scene.placeOf(request, item);
    if ("detail" in place) return refuse(at, place);
    const event = keys.take(workspaceId, item.key, drafts.length);
    if ("detail" in event) return refuse(at, event);
    planned.push(event);
    if (event.duplicate) continue;
    const { type, data, campaignId, conversationId, exceptEndpoint } = item;
    const draft: EventDraft = {
      workspaceId,
      type,
      occurredAt: now,
      accountId: place.accountId,
      channelId: place.channelId,
      channelKind: place.channelKind,
      conversationId,
      campaignId,
      account: place.account,
      channel: place.channel,
      conversation: place.conversation,
      contact: place.contact,
      data,
      unit: request,
    };
    drafts.push(exceptEndpoint === undefined ? draft : { ...draft, exceptEndpoint });
  }
  keys.keep();
  return planned;
}
