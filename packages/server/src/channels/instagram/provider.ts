import type { ProviderPlaces, Sender } from "../../core/sending/outgoing.ts";
import { sendErrorOf, verdictOn } from "../messenger/errors.ts";
import { postToGraph } from "../meta/graph-send.ts";
import { locateByLink } from "../meta/media.ts";
import { dialectOf, renderSignal } from "../meta/messages.ts";
import { findProfileWith } from "../meta/profile.ts";
import type { Provider } from "../provider.ts";
import { checkInstagram } from "./check.ts";
import { FILES } from "./files.ts";
import { accountUrl, graphUrl } from "./place.ts";
import { render, unfit } from "./render.ts";

const MESSAGE = dialectOf("igsid", "message", verdictOn);
const ACTION = dialectOf("igsid", "action", verdictOn);

export const instagram: Provider = {
  kind: "instagram",
  credentials: ["access_token"],
  unfit,
  files: FILES,
  send: (http, places, sender, letter) =>
    postToGraph(
      http,
      addressOf(places, sender),
      render(letter, sender.login ?? "facebook"),
      letter.content.type === "reaction" ? ACTION : MESSAGE,
    ),
  signals: {
    unfit: () => null,
    send: (http, places, sender, signal) =>
      postToGraph(http, addressOf(places, sender), renderSignal(signal), ACTION),
  },
  reconciles: "order",
  check: checkInstagram,
  locateMedia: locateByLink,
  findProfile: findProfileWith(graphUrl, "name,username"),
  errorOf: sendErrorOf,
};

function addressOf(places: ProviderPlaces, sender: Sender) {
  const token = sender.credentials.access_token;
  return { url: `${accountUrl(places, sender)}/messages`, token };
}
