import type { JsonObject } from "../../json.ts";
import { GraphError } from "../../meta/graph-error.ts";
import { limit, textAt } from "./parameters.ts";

const MAX_CAPTION = 1024;

/** What the rules need to know of the world. */
export interface RuleContext {
  isMedia(mediaId: string): boolean;
}

/** A media object by id or by link, never both. Throws the GraphError for what is wrong. */
export function checkMedia(type: string, media: JsonObject, context: RuleContext): void {
  const { id, link, caption } = media;
  if ((id === undefined) === (link === undefined)) {
    throw new GraphError(100, {
      message: `(#100) Param ${type} needs either ${type}['id'] or ${type}['link'].`,
    });
  }
  if (id !== undefined && !(typeof id === "string" && context.isMedia(id))) {
    throw new GraphError(100, {
      message: `(#100) Param ${type}['id'] is not a valid whatsapp business account media attachment ID`,
    });
  }
  if (link !== undefined && !(typeof link === "string" && /^https?:\/\/\S+$/i.test(link))) {
    throw new GraphError(100, { message: `(#100) Param ${type}['link'] is not a valid URI.` });
  }
  if (caption !== undefined) {
    if (type === "audio" || type === "sticker") {
      throw new GraphError(100, {
        message: `(#100) Unexpected key "caption" on param "${type}".`,
      });
    }
    limit(textAt(media, "caption", `${type}.caption`), MAX_CAPTION, `${type}['caption']`);
  }
}
