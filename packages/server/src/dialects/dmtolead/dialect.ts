import type { Dialect } from "../dialect.ts";
import { bodyHmac, isSuccess, systemSecret } from "../hmac.ts";
import { EXTENDED_EVENTS } from "../options.ts";
import { standardHeaders } from "../standard-webhooks.ts";
import { handshake } from "./handshake.ts";
import { names } from "./names.ts";
import { render } from "./renderer-1.ts";

/** DMtoLead: camel case; an endpoint is verified before it gets anything. */
export const dmtolead: Dialect = {
  name: "dmtolead",
  renderer: 1,
  events: names,
  options: [
    {
      name: "strict_200",
      description: "Accept only 200 as the answer to the verification, not every 2xx",
      kind: "flag",
      initial: false,
    },
    EXTENDED_EVENTS,
  ],
  schedule: [1, 5, 30, 300, 1800],
  jitter: false,
  slowMs: 10_000,
  timeoutMs: 30_000,
  honoursControl: false,
  initialState: "pending",
  multipleSignatures: false,
  secret: systemSecret(false),
  handshake,
  render,
  headers: (letter) => {
    // Its receivers compare with timingSafeEqual, which throws at anything but 64 characters.
    const digest = bodyHmac(letter, "hex");
    const own = digest === null ? {} : { "x-dmtolead-signature": digest };
    return { ...standardHeaders(letter), ...own };
  },
  isDelivered: isSuccess,
};
