import type { Vocabulary } from "../core/events/subscription.ts";
import type { Dialect, Speech } from "./dialect.ts";
import { completeOptions, EXTENDED_EVENTS } from "./options.ts";

type Rules = Pick<Dialect, "options">;

/** What an endpoint chose, from its row; our own API has checked it. */
export function readSpeech(
  { options }: Rules,
  row: { dialectOptions: string; customFields: readonly string[] },
): Speech {
  // A column of ours: an object of options.
  const chosen = JSON.parse(row.dialectOptions) as Record<string, unknown>;
  return { options: completeOptions(options, chosen), customFields: row.customFields };
}

/** What an endpoint says that has chosen nothing. */
export function plainSpeech({ options }: Rules): Speech {
  return { options: completeOptions(options, {}), customFields: [] };
}

export function isPlainSpeech({ options }: Rules, speech: Speech): boolean {
  return (
    speech.customFields.length === 0 &&
    options.every(({ name, initial }) => speech.options[name] === initial)
  );
}

export function vocabularyOf(
  { events }: Pick<Dialect, "events">,
  speech: Speech,
): Vocabulary | null {
  if (events === null) return null;
  return { names: events, extended: speech.options[EXTENDED_EVENTS.name] === true };
}
