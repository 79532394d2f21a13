/** How a dialect's signature is made, as its receivers check it. */
export interface Scheme {
  dialect: string;
  /** The header that carries it, in lower case. */
  header: string;
  /** What stands before the digest. */
  prefix: "v1," | "sha256=" | "";
  encoding: "base64" | "hex";
  /** The key is what follows `whsec_` in base64, or the secret's own letters. */
  key: "decoded" | "text";
  content: "id.timestamp.body" | "body";
}

/** The dialects that sign. */
export const SCHEMES: readonly Scheme[] = [
  {
    ...{ dialect: "curlew", header: "webhook-signature", prefix: "v1,", encoding: "base64" },
    ...{ key: "decoded", content: "id.timestamp.body" },
  },
  {
    ...{ dialect: "chatgenius", header: "x-chatgenius-signature", prefix: "sha256=" },
    ...{ encoding: "hex", key: "text", content: "body" },
  },
  {
    ...{ dialect: "chatmefy", header: "x-chatmefy-signature", prefix: "sha256=" },
    ...{ encoding: "hex", key: "text", content: "body" },
  },
  {
    ...{ dialect: "dmtolead", header: "x-dmtolead-signature", prefix: "" },
    ...{ encoding: "hex", key: "text", content: "body" },
  },
];

/** The dialect that sends its secret as it is. */
export const CLEAR = { dialect: "genesy", header: "x-webhook-secret" } as const;

/** The dialects whose requests can be looked at. */
export const DIAGNOSED = ["curlew", "chatgenius", "chatmefy", "dmtolead", "genesy"] as const;
export type Diagnosed = (typeof DIAGNOSED)[number];
