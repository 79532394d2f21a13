import type { Dialect } from "../dialect.ts";
import { secretFrom, secretProblem, standardHeaders } from "../standard-webhooks.ts";

/** The native dialect: the frozen body as it is, signed as Standard Webhooks says. */
export const curlew: Dialect = {
  name: "curlew",
  renderer: 1,
  events: null,
  options: [],
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
  headers: standardHeaders,
  isDelivered: (status) => status >= 200 && status < 300,
};
