import { type FileRule, megabytes } from "../../core/sending/file-rules.ts";

const none = { maxCaption: null };

/** Which sounds and films it plays is left to Instagram; of documents it takes PDF alone. */
export const FILES: readonly FileRule[] = [
  { type: "image", mimes: ["image/jpeg", "image/png"], maxBytes: megabytes(8), ...none },
  { type: "video", mimes: ["video/*"], maxBytes: megabytes(25), ...none },
  { type: "audio", mimes: ["audio/*"], maxBytes: megabytes(25), ...none },
  { type: "voice", mimes: ["audio/*"], maxBytes: megabytes(25), ...none },
  { type: "document", mimes: ["application/pdf"], maxBytes: megabytes(25), ...none },
];
