import type { Dialect, Letter } from "../dialect.ts";
import { bodyHmac, isSuccess, systemSecret } from "../hmac.ts";
import { EXTENDED_EVENTS } from "../options.ts";
import { standardHeaders } from "../standard-webhooks.ts";
import { names } from "./names.ts";
import { render } from "./renderer-1.ts";

const FORMATS = ["sha256=hex", "hex", "base64"];

/** ChatGenius: snake case, the whole context with every event. */
export const chatgenius: Dialect = {
  name: "chatgenius",
  renderer: 1,
  events: names,
  options: [
    {
      name: "signature_format",
      description: "How the value of X-ChatGenius-Signature is written",
      kind: "choice",
      initial: "sha256=hex",
      choices: FORMATS,
    },
    {
      name: "history_messages",
      description:
        "Add the conversation's last messages before the event, the oldest first (`history`)",
      kind: "count",
      initial: 0,
      most: 20,
    },
    EXTENDED_EVENTS,
  ],
  schedule: [30, 60, 300, 900, 3600, 14_400],
  jitter: false,
  slowMs: 10_000,
  timeoutMs: 15_000,
  honoursControl: false,
  initialState: "disabled",
  multipleSignatures: false,
  secret: systemSecret(true),
  handshake: null,
  render,
  headers: (letter) => ({ ...standardHeaders(letter), ...signatureOf(letter) }),
  isDelivered: isSuccess,
};

function signatureOf(letter: Letter): Record<string, string> {
  const format = letter.options["signature_format"];
  const digest = bodyHmac(letter, format === "base64" ? "base64" : "hex");
  if (digest === null) return {};
  return { "x-chatgenius-signature": format === "sha256=hex" ? `sha256=${digest}` : digest };
}
