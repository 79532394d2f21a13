import type { Callbacks } from "../meta/callbacks.ts";
import type { Emission, Emissions, Options } from "../meta/emissions.ts";
import { socialBody } from "./envelope.ts";
import type { MadeSocialItem } from "./items.ts";

export type SocialEmitter = (
  made: readonly MadeSocialItem[],
  options?: Options,
) => Promise<Emission>;

/** Emits updates to the account's own URL, else the app's: Pages and Instagram accounts apart. */
export function createSocialEmitter(given: {
  callbacks: Callbacks;
  emissions: Emissions;
  now: () => number;
}): SocialEmitter {
  const { callbacks, emissions, now } = given;
  return (made, options) =>
    emissions.dispatch(made, options, {
      urlOf: ({ item }) => callbacks.urlOf(item.account.override),
      bodiesOf: (part, grouping) => {
        const kinds = ["page", "instagram"] as const;
        const groups = kinds.map((kind) => part.filter(({ item }) => item.account.kind === kind));
        return groups
          .filter((group) => group.length > 0)
          .map((group) => ({
            envelope: socialBody(
              group.map(({ item }) => item),
              { grouping, now: now() },
            ),
            items: group.length,
          }));
      },
    });
}
