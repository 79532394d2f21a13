import { z } from "@hono/zod-openapi";
import { isOwnType } from "../../core/events/event-types.ts";
import { meantBy } from "../../core/events/type-slips.ts";

/** Something that was taken as it came, and was perhaps not meant so. */
export const ShownWarning = z
  .object({
    pointer: z.string().openapi({ description: "To what it is about", example: "/type" }),
    detail: z.string(),
  })
  .openapi("Warning");

export type Warning = z.infer<typeof ShownWarning>;

/** That a type of a workspace's own looks like one that is known. */
export function slipWarning(
  pointer: string,
  { type, meant }: { type: string; meant: string },
): Warning {
  const described = `if not, PUT /v1/event-types/${type} describes it, and ends this warning`;
  return { pointer, detail: `did you mean ${meant}? ${type} is a type of your own: ${described}` };
}

/**
 * What an endpoint listens to that nobody may ever publish: first of all what looks like a type that is
 * known; and, where the workspace describes its types, what it has not described. `names` are those that
 * the endpoint's dialect has.
 */
export function selectorWarnings(
  events: readonly string[],
  { described, names }: { described: readonly string[]; names: readonly string[] },
): Warning[] {
  const slips: Warning[] = [];
  const unknown: Warning[] = [];
  events.forEach((text, at) => {
    if (names.includes(text)) return;
    const pointer = `/events/${at}`;
    const meant = meantBy(text, described);
    if (meant !== null) {
      const detail = `did you mean ${meant}? ${text} is none of Curlew's types, and nobody has described it`;
      slips.push({ pointer, detail });
    } else if (isOwnType(text) && described.length > 0 && !described.includes(text)) {
      const detail = `${text} is not among the types that this workspace has described; it comes when somebody publishes it`;
      unknown.push({ pointer, detail });
    }
  });
  return [...slips, ...unknown];
}
