import type { ProviderPlaces, Sender } from "../../core/sending/outgoing.ts";
import { postToGraph } from "../meta/graph-send.ts";
import { locateByLink } from "../meta/media.ts";
import { dialectOf, renderSignal } from "../meta/messages.ts";
import { findProfileWith } from "../meta/profile.ts";
import type { Provider } from "../provider.ts";
import { checkMessenger } from "./check.ts";
import { sendErrorOf, verdictOn } from "./errors.ts";
import { FILES } from "./files.ts";
import { render, unfit } from "./render.ts";

const MESSAGE = dialectOf("psid", "message", verdictOn);
const ACTION = dialectOf("psid", "action", verdictOn);

export const messenger: Provider = {
  kind: "messenger",
  credentials: ["access_token"],
  unfit,
  files: FILES,
  send: (http, places, sender, letter) =>
    postToGraph(
      http,
      addressOf(places, sender),
      render(letter),
      letter.content.type === "reaction" ? ACTION : MESSAGE,
    ),
  signals: {
    unfit: () => null,
    send: (http, places, sender, signal) =>
      postToGraph(http, addressOf(places, sender), renderSignal(signal), ACTION),
  },
  reconciles: "token",
  check: checkMessenger,
  locateMedia: locateByLink,
  findProfile: findProfileWith(
    ({ meta }) => `${meta.graphUrl}/${meta.graphVersion}`,
    "name,first_name,last_name",
  ),
  errorOf: sendErrorOf,
};

function addressOf({ meta }: ProviderPlaces, { externalId, credentials }: Sender) {
  const url = `${meta.graphUrl}/${meta.graphVersion}/${externalId}/messages`;
  return { url, token: credentials.access_token };
}
