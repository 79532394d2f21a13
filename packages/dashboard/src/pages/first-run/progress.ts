import { useQueries, useQuery } from "@tanstack/react-query";
import { type Endpoint, endpointsQuery } from "../deliveries/queries.ts";
import type { Conversation, Message } from "../inbox/queries.ts";
import {
  type Catcher,
  type CaughtRequest,
  catchersQuery,
  caughtQuery,
  KINDS,
  type SimulatedChannel,
  type SimulatedKind,
  type Simulator,
  simulatorQuery,
} from "../simulator/queries.ts";
import { answerQuery, newestConversationQuery } from "./queries.ts";

/** How far the workspace has come, as its server knows it; null for what there is not yet. */
export interface Progress {
  simulator: Simulator;
  /** Which phone is looked at. */
  kind: SimulatedKind;
  /** The newest that an endpoint sends to; else the newest. */
  catcher: Catcher | null;
  /** It sends to the catcher; it may stand still. */
  endpoint: Endpoint | null;
  /** The phone that is looked at, where there is one. */
  channel: SimulatedChannel | null;
  /** Somebody has written on a simulated phone. */
  conversation: Conversation | null;
  /** Without what others than our endpoints have sent there. */
  caught: readonly Pick<CaughtRequest, "signature" | "received_at">[];
  answer: Message | null;
}

/** Undefined while it is read for the first time. */
export function useProgress(asked: string | undefined): {
  progress: Progress | undefined;
  error: unknown;
  again(): void;
} {
  const simulator = useQuery(simulatorQuery);
  const catchers = useQuery(catchersQuery);
  const endpoints = useQuery(endpointsQuery);
  const channels = simulator.data?.channels ?? [];
  const phones = KINDS.flatMap((kind) => channels.find((each) => each.kind === kind) ?? []);
  const conversations = useQueries({
    queries: phones.map(({ id }) => newestConversationQuery(id)),
  }).map(({ data }) => data ?? null);

  const kind = kindOf(asked, phones, conversations);
  const at = phones.findIndex((each) => each.kind === kind);
  // Who looks at another phone has written all the same.
  const conversation = conversations[at] ?? conversations.find((each) => each !== null) ?? null;
  const pair = pairOf(catchers.data?.data ?? [], [...(endpoints.data?.values() ?? [])]);
  const caught = useQuery({
    ...caughtQuery(pair.catcher?.id ?? "", false),
    enabled: pair.catcher !== null,
  });
  const answer = useQuery({
    ...answerQuery(conversation?.id ?? ""),
    enabled: conversation !== null,
  });

  const read = [simulator, catchers, endpoints];
  const isRead = simulator.data && catchers.data && endpoints.data;
  return {
    progress: isRead
      ? {
          ...{ simulator: simulator.data, kind, ...pair, conversation },
          channel: phones[at] ?? null,
          caught: caught.data?.data.filter(({ signature }) => signature !== null) ?? [],
          answer: answer.data ?? null,
        }
      : undefined,
    error: read.find(({ error, data }) => error !== null && data === undefined)?.error ?? null,
    again: () => {
      for (const each of read) void each.refetch();
    },
  };
}

function kindOf(
  asked: string | undefined,
  phones: readonly SimulatedChannel[],
  conversations: readonly (Conversation | null)[],
): SimulatedKind {
  const written = phones.find((_, n) => conversations[n] != null);
  return KINDS.find((each) => each === asked) ?? (written ?? phones[0])?.kind ?? "whatsapp";
}

/** A catcher and the endpoint that sends there, one at work before one that is not. */
function pairOf(
  catchers: readonly Catcher[],
  endpoints: readonly Endpoint[],
): Pick<Progress, "catcher" | "endpoint"> {
  const pairs = catchers.flatMap((catcher) =>
    endpoints.flatMap((endpoint) => (endpoint.url === catcher.url ? { catcher, endpoint } : [])),
  );
  return (
    pairs.find(({ endpoint, catcher }) => endpoint.state === "enabled" && catcher.status < 300) ??
    pairs.find(({ endpoint }) => endpoint.state === "enabled") ??
    pairs[0] ?? { catcher: catchers[0] ?? null, endpoint: null }
  );
}
