import type { Dialect } from "../dialect.ts";
import { secretFrom, secretProblem, signatures } from "./sign.ts";

/** The native dialect: the frozen body as it is, signed as Standard Webhooks says. */
export const curlew: Dialect = {
  name: "curlew",
  renderer: 1,
  schedule: [5, 300, 1800, 7200, 18_000, 36_000, 36_000],
  jitter: true,
  timeoutMs: 15_000,
  slowMs: 5_000,
  honoursControl: true,
  initialState: "enabled",
  multipleSignatures: true,
  render: (nativeBody) => nativeBody,
  headers: (letter) => ({
    "content-type": "application/json",
    "user-agent": "Curlew/1 (+webhooks)",
    "webhook-id": letter.id,
    "webhook-timestamp": String(letter.timestampS),
    "webhook-signature": signatures(
      letter.id,
      letter.timestampS,
      letter.body,
      letter.secrets.map((secret) => secret.value),
    ),
    "webhook-attempt": String(letter.attempt),
    "webhook-event": letter.type,
    ...(letter.replayed ? { "webhook-replayed": "1" } : {}),
  }),
  isDelivered: (status) => status >= 200 && status < 300,
  makeSecret: secretFrom,
  secretProblem,
};
