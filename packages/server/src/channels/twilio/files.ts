import { type FileRule, megabytes } from "../../core/sending/file-rules.ts";

const OFFICE = "application/vnd.openxmlformats-officedocument";

/**
 * Twilio's *Accepted content types for media*. Carriers take less of what is no picture (some 600 KB), each
 * its own way: they say so themselves.
 */
export function filesWith(maxCaption: number): readonly FileRule[] {
  const limits = { maxBytes: megabytes(5), maxCaption };
  return [
    { type: "image", mimes: ["image/jpeg", "image/png", "image/gif"], ...limits },
    { type: "video", mimes: ["video/*"], ...limits },
    { type: "audio", mimes: ["audio/*"], ...limits },
    {
      type: "document",
      mimes: [
        "application/pdf",
        "text/vcard",
        "text/calendar",
        "text/csv",
        "application/msword",
        "application/vnd.ms-excel",
        "application/vnd.ms-powerpoint",
        `${OFFICE}.wordprocessingml.document`,
        `${OFFICE}.spreadsheetml.sheet`,
        `${OFFICE}.presentationml.presentation`,
      ],
      ...limits,
    },
  ];
}
