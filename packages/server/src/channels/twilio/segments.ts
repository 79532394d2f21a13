import { SegmentedMessage } from "sms-segments-calculator";

export interface Segments {
  encoding: "GSM-7" | "UCS-2";
  /** How many parts it travels in, and is charged as. */
  segments: number;
}

/** Beyond what any SMS can hold; counting is quadratic in places. */
const MAX_COUNTED = 2_000;

/** How a text travels over the telephone network, by Twilio's own count. */
export function segmentsOf(text: string): Segments {
  const { encodingName, segmentsCount } = new SegmentedMessage(text.slice(0, MAX_COUNTED), "auto");
  return { encoding: encodingName === "GSM-7" ? "GSM-7" : "UCS-2", segments: segmentsCount };
}
