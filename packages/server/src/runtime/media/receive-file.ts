import { createHash } from "node:crypto";
import { open } from "node:fs/promises";

/** What came, and its digest in hex. */
export interface ReceivedFile {
  readonly bytes: number;
  readonly sha256: string;
}

/**
 * Writes what comes to a path, piece by piece: memory holds one piece. "too_large" as soon as it is; what
 * was written by then, or before the stream broke off, is the caller's to remove.
 */
export async function receiveFile(
  body: AsyncIterable<unknown>,
  path: string,
  maxBytes: number,
): Promise<ReceivedFile | "too_large"> {
  const hash = createHash("sha256");
  const file = await open(path, "w", 0o600);
  let bytes = 0;
  try {
    for await (const chunk of body) {
      const piece = chunk instanceof Uint8Array ? chunk : Buffer.from(String(chunk));
      bytes += piece.length;
      if (bytes > maxBytes) return "too_large";
      hash.update(piece);
      await file.writeFile(piece);
    }
  } finally {
    await file.close();
  }
  return { bytes, sha256: hash.digest("hex") };
}
