import { queryOptions } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { api, type Shape, taken } from "../../api/client.ts";
import { Section } from "../../parts/dialogs/drawer.tsx";
import { Answer } from "../../parts/values/answer.tsx";
import { Id } from "../../parts/values/id.tsx";
import { Json } from "../../parts/values/json.tsx";
import { Properties } from "../../parts/values/properties.tsx";
import { State, shownState } from "../../parts/values/state.tsx";
import { Ago } from "../../parts/values/time.tsx";
import { eventWords } from "../../words/index.ts";
import { nameOfEndpoint } from "../deliveries/columns.tsx";
import { useEndpoints } from "../deliveries/queries.ts";
import { Why } from "../deliveries/why.tsx";
import { ExpungedNote } from "./expunge.tsx";

export type EventDetail = Shape<"EventDetail">;

export const eventQuery = (id: string) =>
  queryOptions({
    queryKey: ["event", id],
    queryFn: () => taken(api.GET("/v1/events/{id}", { params: { path: { id } } })),
  });

export function eventVerdict({ deliveries }: EventDetail): string {
  const { verdict } = eventWords;
  if (deliveries.length === 0) return verdict.nobody;
  const count = (wanted: string) => deliveries.filter(({ state }) => state === wanted).length;
  const delivered = count("delivered");
  if (delivered === deliveries.length) return verdict.all(delivered);
  const rest = (["pending", "dead", "cancelled"] as const).flatMap((state) =>
    count(state) === 0 ? [] : [verdict[state](count(state))],
  );
  return `${verdict.some(delivered, deliveries.length)}; ${rest.join(", ")}.`;
}

export function EventView({ event }: { event: EventDetail }) {
  const endpoints = useEndpoints();
  const { properties } = eventWords;
  const body = JSON.stringify(event.payload);
  return (
    <>
      {event.body_expunged && <ExpungedNote eventId={event.id} />}
      <Section>
        <Properties
          items={[
            [properties.event, <Id key="id" id={event.id} shown="always" />],
            [properties.at, <Ago key="at" at={event.occurred_at} />],
            event.conversation_id === null
              ? null
              : [
                  properties.conversation,
                  <Id key="cnv" id={event.conversation_id} shown="always" />,
                ],
            event.seq === null
              ? null
              : [
                  properties.seq,
                  <span key="seq" className="tnum">
                    {event.seq}
                  </span>,
                ],
            event.channel_id === null
              ? null
              : [properties.channel, <Id key="ch" id={event.channel_id} shown="always" />],
            event.account_id === null
              ? null
              : [properties.account, <Id key="acc" id={event.account_id} shown="always" />],
            event.campaign_id === null ? null : [properties.campaign, event.campaign_id],
          ]}
        />
      </Section>
      <Section title={eventWords.deliveries}>
        {event.deliveries.length === 0 && <p className="text-fg-3">{eventWords.noDeliveries}</p>}
        <ul>
          {event.deliveries.map((delivery) => (
            <li key={delivery.id} className="flex min-h-8 items-center gap-3">
              <span className="w-24 flex-none">
                <State
                  of={shownState(delivery, endpoints.get(delivery.endpoint_id)?.state === "paused")}
                />
              </span>
              <Link
                to="/deliveries/$id"
                params={{ id: delivery.id }}
                className="min-w-0 truncate text-accent hover:underline"
              >
                {nameOfEndpoint(delivery.endpoint_id, endpoints)}
              </Link>
              <span className="ml-auto">
                <Answer status={delivery.last_status} error={delivery.last_error} />
              </span>
            </li>
          ))}
        </ul>
      </Section>
      <Section title={eventWords.why.button} note={eventWords.why.text}>
        <Why eventId={event.id} />
      </Section>
      <Json
        flat
        text={body}
        title={eventWords.body}
        note={event.body_expunged ? eventWords.expunged : eventWords.bodyNote}
        what={eventWords.body}
      />
    </>
  );
}
