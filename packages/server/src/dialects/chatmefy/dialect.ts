import type { Dialect } from "../dialect.ts";
import { bodyHmac, isSuccess, systemSecret } from "../hmac.ts";
import { EXTENDED_EVENTS } from "../options.ts";
import { standardHeaders } from "../standard-webhooks.ts";
import { names } from "./names.ts";
import { render } from "./renderer-1.ts";

/** Chatmefy: its receivers verify `JSON.stringify(req.body)`, which every body here equals. */
export const chatmefy: Dialect = {
  name: "chatmefy",
  renderer: 1,
  events: names,
  options: [EXTENDED_EVENTS],
  schedule: [60, 300, 1800],
  jitter: false,
  slowMs: 10_000,
  timeoutMs: 30_000,
  honoursControl: false,
  initialState: "disabled",
  multipleSignatures: false,
  secret: systemSecret(true),
  handshake: null,
  render,
  headers: (letter) => {
    const digest = bodyHmac(letter, "hex");
    const own = digest === null ? {} : { "x-chatmefy-signature": `sha256=${digest}` };
    return { ...standardHeaders(letter), ...own };
  },
  isDelivered: isSuccess,
};
