export interface ProviderRequest {
  method: "GET" | "POST";
  url: string;
  headers: Record<string, string>;
  body?: string;
  /** For everything together: waiting for a connection, sending, and reading to the end. */
  deadlineMs: number;
}

export type ProviderAnswer =
  | {
      kind: "response";
      status: number;
      /** Names in lower case. */
      headers: Record<string, string>;
      body: string;
    }
  | {
      kind: "failed";
      /** False only when it is certain that not one byte of the request reached a socket. */
      written: boolean;
      /** What went wrong, in one word: `timeout`, `connect`, `dns` … */
      error: string;
      /** In words for a person; no addresses, no secrets. */
      detail: string;
    };

/** The way to a provider. A request leaves once; nothing here repeats it. Never rejects. */
export interface ProviderHttp {
  request(request: ProviderRequest): Promise<ProviderAnswer>;
}
