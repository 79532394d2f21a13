import { locateByName } from "../meta/media.ts";
import type { Provider } from "../provider.ts";
import { checkWhatsapp } from "./check.ts";
import { sendErrorOf } from "./errors.ts";
import { FILES } from "./files.ts";
import { unfit, unfitSignal } from "./limits.ts";
import { render, renderSignal } from "./render.ts";
import { sendWhatsapp } from "./send.ts";

export const whatsapp: Provider = {
  kind: "whatsapp",
  credentials: ["access_token"],
  unfit,
  files: FILES,
  send: (http, places, sender, letter) => sendWhatsapp(http, places, sender, render(letter)),
  signals: {
    unfit: unfitSignal,
    send: (http, places, sender, signal) =>
      sendWhatsapp(http, places, sender, renderSignal(signal), "signal"),
  },
  reconciles: "token",
  check: checkWhatsapp,
  locateMedia: locateByName,
  findProfile: null,
  errorOf: sendErrorOf,
};
