import type { Callbacks } from "../meta/callbacks.ts";
import type { Emission, Emissions, Options } from "../meta/emissions.ts";
import type { MadeItem } from "./items.ts";
import type { Numbers } from "./numbers.ts";
import { type WebhookItem, webhookBody } from "./webhook-body.ts";

export type Emitter = ReturnType<typeof createEmitter>;

/** Emits updates to the number's own URL, else the account's, else the app's. */
export function createEmitter(given: {
  numbers: Numbers;
  callbacks: Callbacks;
  emissions: Emissions;
  now: () => number;
}) {
  const { numbers, callbacks, emissions, now } = given;
  const overrideOf = ({ number, wabaId }: WebhookItem) =>
    number?.override ?? numbers.findAccount(wabaId)?.override ?? null;

  return {
    hasReceiver: (item: WebhookItem) => callbacks.reaches(overrideOf(item)),
    /** Emits the items of accounts whose app is subscribed. */
    async emit(made: readonly MadeItem[], options?: Options): Promise<Emission> {
      const subscribed = made.filter(
        ({ item }) => numbers.findAccount(item.wabaId)?.subscribed ?? true,
      );
      const emission = await emissions.dispatch(subscribed, options, {
        urlOf: ({ item }) => callbacks.urlOf(overrideOf(item)),
        bodiesOf: (part, grouping) => {
          const items = part.map(({ item }) => item);
          return [{ envelope: webhookBody(items, { grouping, now: now() }), items: items.length }];
        },
        isEmptyFine: made.length > 0,
      });
      const ids = made.flatMap(({ id }) => id ?? []);
      return { ...emission, ids, unsubscribed: made.length - subscribed.length };
    },
  };
}
