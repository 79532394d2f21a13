import { request } from "undici";

/** An answer that is read as it comes. */
export interface StreamAnswer {
  status: number;
  /** Ends when the server ends it; rejects when the connection is lost or silent for too long. */
  chunks: AsyncIterable<Uint8Array>;
}

export interface StreamWish {
  url: string;
  headers: Record<string, string>;
  /** How long nothing may come before the connection counts as lost. */
  silentMs: number;
  signal: AbortSignal;
}

const HEADERS_WITHIN_MS = 15_000;

/** Asks an address that the operator gives: there is no guard here. Follows no redirect. */
export async function openStream({
  url,
  headers,
  silentMs,
  signal,
}: StreamWish): Promise<StreamAnswer> {
  const { statusCode, body } = await request(url, {
    headers,
    signal,
    headersTimeout: HEADERS_WITHIN_MS,
    bodyTimeout: silentMs,
  });
  return { status: statusCode, chunks: body };
}
