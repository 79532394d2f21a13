import type { RequestOptions, Transport } from "../calls/transport.ts";

/** A file that was brought to be sent. */
export interface UploadedFile {
  /** For `media.id` of a message. */
  id: string;
  /** What its bytes are. */
  mime: string;
  bytes: number;
  /** Hexadecimal. */
  sha256: string;
  filename: string | null;
  /** When it goes, unless a message has taken it along by then. */
  expires_at: string;
}

export interface UploadOptions extends RequestOptions {
  /** What the customer is shown, where the channel shows it. */
  filename?: string;
  /** What it is said to be; a blob's own where it has one. */
  type?: string;
}

export type Media = ReturnType<typeof mediaCalls>;

export function mediaCalls(call: Transport) {
  return {
    /** Brings a file, to send it: `send({ …, media: { type: "image", id } })`. */
    upload: (content: Blob | Uint8Array, options: UploadOptions = {}) => {
      const { filename, type = typeOf(content), ...rest } = options;
      return call<UploadedFile>({
        method: "POST",
        path: ["media"],
        query: { filename },
        file: { content, type },
        options: rest,
      });
    },
    /** Takes a file back that no message has taken along. */
    delete: (id: string, options?: RequestOptions) =>
      call<void>({ method: "DELETE", path: ["media", id], options }),
  };
}

function typeOf(content: Blob | Uint8Array): string {
  return ("type" in content && content.type) || "application/octet-stream";
}
