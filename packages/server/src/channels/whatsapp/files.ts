import { type FileRule, kilobytes, megabytes } from "../../core/sending/file-rules.ts";

const CAPTION = 1024;
/** H.264 with AAC, and Opus in Ogg: which codec a file has is left to WhatsApp. */
const SOUND = ["audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg"];
const OFFICE = "application/vnd.openxmlformats-officedocument";

/** Meta's *Supported media types* of December 2025. */
export const FILES: readonly FileRule[] = [
  {
    type: "image",
    mimes: ["image/jpeg", "image/png"],
    maxBytes: megabytes(5),
    maxCaption: CAPTION,
  },
  {
    type: "video",
    mimes: ["video/mp4", "video/3gpp"],
    maxBytes: megabytes(16),
    maxCaption: CAPTION,
  },
  { type: "audio", mimes: SOUND, maxBytes: megabytes(16), maxCaption: null },
  { type: "voice", mimes: ["audio/ogg"], maxBytes: megabytes(16), maxCaption: null },
  {
    type: "document",
    mimes: [
      "application/pdf",
      "text/plain",
      "application/msword",
      "application/vnd.ms-excel",
      "application/vnd.ms-powerpoint",
      `${OFFICE}.wordprocessingml.document`,
      `${OFFICE}.spreadsheetml.sheet`,
      `${OFFICE}.presentationml.presentation`,
    ],
    maxBytes: megabytes(100),
    maxCaption: CAPTION,
  },
  { type: "sticker", mimes: ["image/webp"], maxBytes: kilobytes(500), maxCaption: null },
];
