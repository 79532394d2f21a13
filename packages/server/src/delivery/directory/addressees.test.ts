import fc from "fast-check";
import { expect, test } from "vitest";
import { type Subject, type Subscription, wants } from "../../core/events/subscription.ts";
import { dialectNames, getDialect } from "../../dialects/registry.ts";
import { plainSpeech, vocabularyOf } from "../../dialects/speech.ts";
import { Addressees } from "./addressees.ts";

const maybe = <T>(...values: T[]) => fc.constantFrom(null, ...values);
const some = (...values: string[]) => fc.subarray(values);

const subscription = fc.record({
  events: fc.subarray(["*", "message.*", "message.received", "reel_shared", "order.shipped"]),
  channelKinds: some("sms", "instagram"),
  channelIds: some("ch-1", "ch-2"),
  accountIds: some("acc-1"),
  campaignIds: some("c1"),
  ownerAccountId: maybe("acc-1"),
  dialect: fc.constantFrom(...dialectNames),
  filter: maybe("reel_share"),
});
const event = fc.record({
  type: fc.constantFrom("message.received", "message.sent", "order.shipped", "endpoint.tested"),
  channelKind: maybe("sms", "instagram"),
  channelId: maybe("ch-1", "ch-2"),
  accountId: maybe("acc-1", "acc-2"),
  campaignId: maybe("c1"),
  content: fc.constantFrom("text", "reel_share"),
  actor: fc.constantFrom("ai", "agent"),
});

test("an event reaches whoever wants it, also when others of its kind went before", () => {
  fc.assert(
    fc.property(
      fc.array(subscription, { maxLength: 8 }),
      fc.array(event, { minLength: 1, maxLength: 20 }),
      (subscriptions, events) => {
        const endpoints = subscriptions.map(({ dialect: name, filter, ...own }, serial) => {
          const dialect = getDialect(name);
          const whole: Subscription = {
            ...own,
            vocabulary: vocabularyOf(dialect, plainSpeech(dialect)),
            matches: filter === null ? null : (body) => JSON.stringify(body).includes(filter),
          };
          return { serial, subscription: whole };
        });
        const addressees = new Addressees(endpoints);
        for (const { content, actor, ...subject } of [...events, ...events]) {
          const event: Subject = subject;
          const body = {
            data: { message: { content: { type: content }, actor: { type: actor } } },
          };
          const wanted = endpoints
            .filter((each) => wants(each.subscription, event, () => body))
            .map(({ serial }) => serial);
          expect(addressees.of(event, body)).toEqual(wanted);
        }
      },
    ),
    { numRuns: 200 },
  );
});
