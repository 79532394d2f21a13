import type { Shape } from "../../api/client.ts";

export type Feature = Shape<"Usage">["features"][number];

/** What a plan or an add-on opens. */
export const FEATURES: readonly Feature[] = ["webhooks", "send", "sms", "whatsapp"];
