import { GraphError } from "../meta/graph-error.ts";
import type { Media } from "../meta/media.ts";
import { createNumbers, DEFAULT_NUMBER, type NumberInput } from "./numbers.ts";
import { createPeople } from "./people.ts";
import type { Settings } from "./settings.ts";
import { createTemplates } from "./templates.ts";
import { createWindows } from "./windows.ts";

const MONTH_MS = 30 * 86_400_000;
const REMEMBERED = 200_000;

type Direction = "inbound" | "outbound";

export type World = ReturnType<typeof createWorld>;

/** Everything of WhatsApp that Meta would know of: accounts, people, templates, media, windows. */
export function createWorld(given: {
  numbers: readonly NumberInput[] | undefined;
  settings: Settings;
  media: Media;
}) {
  const numbers = createNumbers();
  const people = createPeople();
  const templates = createTemplates();
  const windows = createWindows();
  const { media } = given;
  const messages = new Map<string, { direction: Direction; at: number }>();
  let settings = given.settings;

  function furnish(): void {
    for (const number of given.numbers ?? [DEFAULT_NUMBER]) {
      const { waba_id } = numbers.put(number);
      templates.put({ name: "hello_world", body: "Hello World" }, waba_id);
    }
  }
  furnish();

  return {
    numbers,
    people,
    templates,
    windows,
    media,
    get settings() {
      return settings;
    },
    set settings(next: Settings) {
      settings = next;
    },
    remember(id: string, direction: Direction, at: number): void {
      messages.set(id, { direction, at });
      const [oldest] = messages.keys();
      if (messages.size > REMEMBERED && oldest !== undefined) messages.delete(oldest);
    },
    /** Refuses a message id that Meta would refuse; `direction` when only one kind will do. */
    checkMessageId(id: string, now: number, direction?: Direction): void {
      const known = messages.get(id);
      const isStrange = !id.startsWith("wamid.") || (!known && settings.strict_message_ids);
      if (isStrange) throw new GraphError(131009, { details: `Message ID ${id} not found` });
      if (!known) return;
      if (direction && known.direction !== direction) {
        throw new GraphError(131009, { details: `Message ${id} was not received by this number` });
      }
      if (now - known.at > MONTH_MS) {
        throw new GraphError(131009, { details: `Message ${id} is older than 30 days` });
      }
    },
    /** Everything as it was at the start. */
    reset(): void {
      for (const room of [numbers, people, templates, windows, messages]) room.clear();
      settings = given.settings;
      furnish();
    },
  };
}
