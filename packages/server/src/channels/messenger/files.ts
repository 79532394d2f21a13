import { type FileRule, megabytes } from "../../core/sending/file-rules.ts";

const none = { maxCaption: null };

/** Meta's *Saving assets* of April 2026: pictures that it fetches may have 8 MB, all else 25. */
export const FILES: readonly FileRule[] = [
  {
    type: "image",
    mimes: ["image/jpeg", "image/png", "image/gif"],
    maxBytes: megabytes(8),
    ...none,
  },
  { type: "video", mimes: ["video/*"], maxBytes: megabytes(25), ...none },
  { type: "audio", mimes: ["audio/*"], maxBytes: megabytes(25), ...none },
  { type: "voice", mimes: ["audio/*"], maxBytes: megabytes(25), ...none },
  { type: "document", mimes: ["*"], maxBytes: megabytes(25), ...none },
];
