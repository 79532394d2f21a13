import type { RequestOptions, Transport } from "./transport.ts";

/** A webhook as a receiver saw it, and what it verified it with. */
export interface SignedRequest {
  headers: Readonly<Record<string, string | readonly string[]>>;
  body: string;
  secret: string;
  /** The endpoint's; told from the headers when absent. */
  dialect?: "curlew" | "chatgenius" | "chatmefy" | "dmtolead" | "genesy";
  /** RFC 3339: what the receiver's clock says. */
  now?: string;
}

export interface Diagnosis {
  /** A receiver that does as it should accepts the request. */
  accepted: boolean;
  dialect: string;
  /** What the signature's header should hold for this very body. */
  expected: string | null;
  tolerance_s: number;
  findings: { code: string; detail: string; advice: string }[];
}

export type Doctor = ReturnType<typeof doctorCall>;

export function doctorCall(call: Transport) {
  /** Says what is wrong with the signature of a webhook. Nothing of it is kept. */
  return (body: SignedRequest, options?: RequestOptions) =>
    call<Diagnosis>({ method: "POST", path: ["doctor"], body, options });
}
