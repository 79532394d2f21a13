import type { Dialect } from "../dialect.ts";
import { broughtSecretProblem, isSuccess } from "../hmac.ts";
import { EXTENDED_EVENTS } from "../options.ts";
import { standardHeaders } from "../standard-webhooks.ts";
import { names } from "./names.ts";
import { render } from "./renderer-1.ts";

/** Genesy: outreach; the client's own secret, if any, travels in clear. */
export const genesy: Dialect = {
  name: "genesy",
  renderer: 1,
  events: names,
  options: [EXTENDED_EVENTS],
  schedule: [30, 300, 3000],
  jitter: false,
  slowMs: 5_000,
  timeoutMs: 15_000,
  honoursControl: false,
  initialState: "enabled",
  multipleSignatures: false,
  secret: {
    isMade: false,
    isShownLater: false,
    make: (random) => Buffer.from(random).toString("base64url"),
    problem: broughtSecretProblem,
  },
  handshake: null,
  render,
  headers: (letter) => {
    const [first] = letter.secrets;
    const own = first ? { "x-webhook-secret": first.value } : {};
    return { ...standardHeaders(letter), ...own };
  },
  isDelivered: isSuccess,
};
