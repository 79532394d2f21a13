import { useQuery } from "@tanstack/react-query";
import { Drawer, Section } from "../../parts/dialogs/drawer.tsx";
import { Failed, Skeleton } from "../../parts/lists/blank.tsx";
import { State, shownState } from "../../parts/values/state.tsx";
import { deliveryWords } from "../../words/index.ts";
import { DeliveryActs, DeliveryAttempts, DeliveryProperties } from "./delivery-view.tsx";
import { deliveryQuery, type Endpoint } from "./queries.ts";
import { verdictOf } from "./verdict.tsx";

/** One delivery beside its list. */
export function DeliveryDrawer({
  id,
  endpoints,
  attempt,
  onAttempt,
  onClose,
  onStep,
}: {
  id: string;
  endpoints: ReadonlyMap<string, Endpoint>;
  attempt: string | undefined;
  onAttempt(n: number): void;
  onClose(): void;
  onStep(by: 1 | -1): void;
}) {
  const { data: delivery, error, refetch } = useQuery(deliveryQuery(id));
  const frame = { label: deliveryWords.one, onClose, onStep };
  const page = { to: "/deliveries/$id", params: { id } } as const;
  if (!delivery) {
    return (
      <Drawer {...frame} heading={deliveryWords.one}>
        {error ? (
          <Failed
            what={deliveryWords.one}
            error={error}
            onAgain={() => void refetch()}
            className="px-(--gutter)!"
          />
        ) : (
          <Skeleton widths={[320, 260, 380, 300, 340]} />
        )}
      </Drawer>
    );
  }
  const endpoint = endpoints.get(delivery.endpoint_id);
  const state = shownState(
    { state: delivery.state, attempts: delivery.attempt_count },
    endpoint?.state === "paused",
  );
  return (
    <Drawer
      {...frame}
      page={page}
      heading={
        <>
          <State of={state} badge />
          <code className="truncate text-sm">{delivery.event_type}</code>
        </>
      }
      verdict={verdictOf(delivery, endpoint)}
      acts={<DeliveryActs delivery={delivery} />}
    >
      <Section>
        <DeliveryProperties delivery={delivery} endpoint={endpoint} />
      </Section>
      <DeliveryAttempts
        delivery={delivery}
        endpoint={endpoint}
        chosen={attempt === undefined ? undefined : Number(attempt)}
        onChoose={onAttempt}
      />
    </Drawer>
  );
}
