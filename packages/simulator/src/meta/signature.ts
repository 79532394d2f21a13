import { createHmac } from "node:crypto";

export interface HubSignatures {
  "x-hub-signature-256": string;
  "x-hub-signature": string;
}

/** Both signature headers that Meta puts on a webhook, over exactly these bytes. */
export function hubSignatures(appSecret: string, bytes: Uint8Array): HubSignatures {
  const digest = (algorithm: string) =>
    createHmac(algorithm, appSecret).update(bytes).digest("hex");
  return {
    "x-hub-signature-256": `sha256=${digest("sha256")}`,
    "x-hub-signature": `sha1=${digest("sha1")}`,
  };
}
