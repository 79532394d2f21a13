import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useAddress } from "../../parts/address.ts";
import { useNamed } from "../../parts/crumb.ts";
import { Section } from "../../parts/dialogs/drawer.tsx";
import { Failed, Skeleton } from "../../parts/lists/blank.tsx";
import { PageHead } from "../../parts/page-head.tsx";
import { State, shownState } from "../../parts/values/state.tsx";
import { deliveryWords } from "../../words/index.ts";
import { DeliveryActs, DeliveryAttempts, DeliveryProperties } from "./delivery-view.tsx";
import { deliveryQuery, useEndpoints } from "./queries.ts";
import { deliverySearch } from "./search.ts";
import { verdictOf } from "./verdict.tsx";

/** One delivery as a page. */
export function Page() {
  const { id = "" } = useParams({ strict: false }) as { id?: string }; // of the path
  const [search, setSearch] = useAddress(deliverySearch);
  const endpoints = useEndpoints();
  const { data: delivery, error, refetch } = useQuery(deliveryQuery(id));
  useNamed(delivery?.event_type);
  if (!delivery) {
    return (
      <>
        <PageHead title={deliveryWords.one} />
        {error ? (
          <Failed what={deliveryWords.one} error={error} onAgain={() => void refetch()} />
        ) : (
          <Skeleton widths={[320, 260, 380]} />
        )}
      </>
    );
  }
  const endpoint = endpoints.get(delivery.endpoint_id);
  const state = shownState(
    { state: delivery.state, attempts: delivery.attempt_count },
    endpoint?.state === "paused",
  );
  return (
    <div className="page-gutter min-h-0 flex-1 overflow-auto">
      <PageHead
        name={delivery.event_type}
        title={
          <span className="flex items-center gap-2.5">
            <State of={state} badge />
            <code className="text-md">{delivery.event_type}</code>
          </span>
        }
      >
        <DeliveryActs delivery={delivery} />
      </PageHead>
      <p className="px-(--gutter) pb-3 text-md text-fg-2 [&_b]:text-fg">
        {verdictOf(delivery, endpoint)}
      </p>
      <div className="max-w-[920px] border-b border-border">
        <h2 className="sr-only">{deliveryWords.list}</h2>
        <Section>
          <DeliveryProperties delivery={delivery} endpoint={endpoint} />
        </Section>
        <DeliveryAttempts
          delivery={delivery}
          endpoint={endpoint}
          chosen={search.attempt === undefined ? undefined : Number(search.attempt)}
          onChoose={(n) => setSearch({ attempt: String(n) })}
        />
      </div>
    </div>
  );
}
