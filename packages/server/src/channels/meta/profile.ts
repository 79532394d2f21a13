import { z } from "zod";
import type { ProviderPlaces, Sender } from "../../core/sending/outgoing.ts";
import type { FindProfile } from "../find-profile.ts";
import { askGraph } from "./ask.ts";
import { plain } from "./read.ts";

const MAX_NAME = 500;
const text = z
  .string()
  .transform((given) => plain(given).trim().slice(0, MAX_NAME))
  .optional()
  .catch(undefined);
const Profile = z.object({ name: text, first_name: text, last_name: text, username: text });

/** Asks Meta for a person's name at `urlOf`, by the fields that there are. */
export function findProfileWith(
  urlOf: (places: ProviderPlaces, sender: Sender) => string,
  fields: string,
): FindProfile {
  return async (http, places, sender, { value }, deadlineMs) => {
    const token = sender.credentials.access_token;
    if (!token) return { kind: "later", reason: "the channel has no access token" };
    const url = `${urlOf(places, sender)}/${encodeURIComponent(value)}?fields=${fields}`;
    const reply = await askGraph(http, url, token, deadlineMs);
    if (reply.kind === "silent") return { kind: "later", reason: reply.reason };
    if (reply.kind === "refused") {
      const { code, message } = reply;
      // Nobody by that id, or somebody who has not agreed.
      const isFinal = code === 100 || code === 10 || code === 551 || (code >= 200 && code <= 299);
      return isFinal ? { kind: "untold" } : { kind: "later", reason: `(#${code}) ${message}` };
    }
    const { data } = Profile.safeParse(reply.body);
    if (!data) return { kind: "untold" };
    const spelled = [data.first_name, data.last_name].filter(Boolean).join(" ");
    const name = data.name || spelled || null;
    const username = data.username || null;
    return name === null && username === null
      ? { kind: "untold" }
      : { kind: "found", name, username };
  };
}
