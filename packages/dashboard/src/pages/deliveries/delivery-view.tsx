import { Link } from "@tanstack/react-router";
import { GitBranch, RotateCw, SquareTerminal } from "lucide-react";
import { useState } from "react";
import { useActs } from "../../parts/acts.ts";
import { Rail } from "../../parts/charts/rail.tsx";
import { Button } from "../../parts/controls/button.tsx";
import { Section } from "../../parts/dialogs/drawer.tsx";
import { toastFact } from "../../parts/toasts/toasts.ts";
import { copyText } from "../../parts/values/copy.tsx";
import { Id } from "../../parts/values/id.tsx";
import { Properties } from "../../parts/values/properties.tsx";
import { Ago } from "../../parts/values/time.tsx";
import { deliveryWords } from "../../words/index.ts";
import { AnswerView, AttemptHead, RequestView } from "./attempt-view.tsx";
import { mostAttempts } from "./columns.tsx";
import { curlOfRequest } from "./curl.ts";
import { From } from "./from.tsx";
import type { DeliveryDetail, Endpoint } from "./queries.ts";
import { railOf } from "./rail-nodes.ts";
import { useReplayOne } from "./replay-one.ts";
import { WhyDialog } from "./why.tsx";

/** What can be done with one delivery, each by its key. */
export function DeliveryActs({ delivery }: { delivery: DeliveryDetail }) {
  const [isAsking, setAsking] = useState(false);
  const replay = useReplayOne();
  const curl = curlOfRequest(delivery);
  const copy = () => {
    if (curl === null) return;
    void copyText(curl).then((copied) => {
      if (copied)
        toastFact({ fact: deliveryWords.curlCopied, consequence: deliveryWords.curlNote });
    });
  };
  const run = () => void replay.run(delivery.id);
  const isWaiting = delivery.state === "pending" && delivery.attempt_count > 0;
  const label = isWaiting ? deliveryWords.replayNow : deliveryWords.replayOne;
  useActs([
    { key: "r", does: label, icon: RotateCw, run },
    { key: "c", does: deliveryWords.copyCurl, icon: SquareTerminal, run: copy },
    { key: "w", does: deliveryWords.why, icon: GitBranch, run: () => setAsking(true) },
  ]);
  return (
    <>
      <Button
        kind="primary"
        icon={RotateCw}
        keys="R"
        needs="deliveries:write"
        refusal={delivery.body_expunged ? deliveryWords.expunged : null}
        busy={replay.isBusy}
        onClick={run}
      >
        {label}
      </Button>
      <Button
        icon={SquareTerminal}
        keys="C"
        refusal={
          delivery.body_expunged
            ? deliveryWords.expunged
            : curl === null
              ? deliveryWords.noRequest
              : null
        }
        onClick={copy}
      >
        {deliveryWords.copyCurl}
      </Button>
      <Button icon={GitBranch} keys="W" onClick={() => setAsking(true)}>
        {deliveryWords.why}
      </Button>
      {isAsking && <WhyDialog eventId={delivery.event_id} onClose={() => setAsking(false)} />}
    </>
  );
}

export function DeliveryProperties({
  delivery,
  endpoint,
}: {
  delivery: DeliveryDetail;
  endpoint: Endpoint | undefined;
}) {
  const { properties, orderings } = deliveryWords;
  return (
    <Properties
      columns={2}
      items={[
        [properties.delivery, <Id key="id" id={delivery.id} shown="always" />],
        [properties.contact, <From key="from" from={delivery.from} />],
        [properties.event, <EventLink key="event" id={delivery.event_id} />],
        [properties.dialect, endpoint?.dialect ?? "—"],
        [
          properties.endpoint,
          endpoint === undefined ? (
            deliveryWords.deletedEndpoint
          ) : (
            <Link
              key="endpoint"
              to="/endpoints/$id"
              params={{ id: endpoint.id }}
              className="text-accent hover:underline"
            >
              {endpoint.name}
            </Link>
          ),
        ],
        [properties.ordering, endpoint ? orderings[endpoint.ordering] : "—"],
        [properties.created, <Ago key="created" at={delivery.created_at} />],
        delivery.last_at === null
          ? null
          : [properties.state, <Ago key="last" at={delivery.last_at} />],
      ]}
    />
  );
}

function EventLink({ id }: { id: string }) {
  return (
    <span className="inline-flex items-center">
      <Link to="/events/$id" params={{ id }} className="text-accent hover:underline">
        <code className="text-xs">{`evt_…${id.slice(-6)}`}</code>
      </Link>
    </span>
  );
}

const PANEL = "attempt";

/** The rail, the attempt that is chosen on it, and what it was asked. */
export function DeliveryAttempts({
  delivery,
  endpoint,
  chosen,
  onChoose,
}: {
  delivery: DeliveryDetail;
  endpoint: Endpoint | undefined;
  /** The number of an attempt; undefined for the last. */
  chosen: number | undefined;
  onChoose(n: number): void;
}) {
  const { nodes, attempts } = railOf(delivery, endpoint?.retry_schedule);
  const found = attempts.findIndex(({ n }) => n === chosen);
  const at = found === -1 ? attempts.length - 1 : found;
  const attempt = attempts[at];
  const step = (by: number) => {
    const next = attempts[at + by];
    if (next) onChoose(next.n);
  };
  useActs([
    { key: "[", does: deliveryWords.list, isQuiet: true, run: () => step(-1) },
    { key: "]", does: deliveryWords.list, isQuiet: true, run: () => step(1) },
  ]);
  const most = mostAttempts(delivery, delivery.attempt_count, endpoint);
  return (
    <>
      <Section
        title={deliveryWords.attemptOf(
          attempt?.n ?? delivery.attempt_count,
          Math.max(most, delivery.attempt_count),
        )}
        note={deliveryWords.round(delivery.round)}
        end={deliveryWords.waits}
      >
        {nodes.length > 0 && (
          <Rail
            nodes={nodes}
            chosen={at}
            panelId={PANEL}
            onChoose={(index) => {
              const next = attempts[index];
              if (next) onChoose(next.n);
            }}
          />
        )}
      </Section>
      <div id={PANEL} role="tabpanel" aria-label={deliveryWords.answer}>
        {attempt ? (
          <>
            <AttemptHead attempt={attempt} />
            <AnswerView attempt={attempt} />
          </>
        ) : (
          <p className="border-y border-border-subtle px-(--gutter) py-3 text-fg-2">
            {deliveryWords.notYet}
          </p>
        )}
        <RequestView delivery={delivery} isLast={at === attempts.length - 1} />
      </div>
    </>
  );
}
