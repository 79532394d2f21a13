import type { Dialect, Letter } from "../dialect.ts";
import {
  bothSignatures,
  secretFrom,
  secretProblem,
  standardHeaders,
} from "../standard-webhooks.ts";

/** The native dialect: the frozen body as it is, signed as Standard Webhooks says. */
export const curlew: Dialect = {
  name: "curlew",
  renderer: 1,
  events: null,
  options: [
    {
      name: "ed25519",
      description: "Sign with Ed25519 (`v1a`) beside HMAC (`v1`): verified with a public key",
      kind: "flag",
      initial: false,
    },
  ],
  schedule: [5, 300, 1800, 7200, 18_000, 36_000, 36_000],
  jitter: true,
  timeoutMs: 15_000,
  slowMs: 5_000,
  honoursControl: true,
  initialState: "enabled",
  multipleSignatures: true,
  secret: { isMade: true, isShownLater: false, make: secretFrom, problem: secretProblem },
  handshake: null,
  render: ({ native }) => native,
  headers: headersOf,
  isDelivered: (status) => status >= 200 && status < 300,
};

function headersOf(letter: Letter): Record<string, string> {
  const headers = standardHeaders(letter);
  if (letter.options["ed25519"] !== true || letter.secrets.length === 0) return headers;
  const { id, timestampS, body, secrets } = letter;
  const values = secrets.map(({ value }) => value);
  return { ...headers, "webhook-signature": bothSignatures(id, timestampS, body, values) };
}
