import type { Handshake } from "../dialect.ts";
import { asBag, textAt } from "../native-event.ts";

const JSON_TYPE = /^application\/json\s*(;|$)/i;

/** `webhook.verify`: the receiver answers in JSON with the token that it was sent. */
export const handshake: Handshake = {
  deadlineMs: 10_000,
  body: (token, at) =>
    JSON.stringify({
      event: "webhook.verify",
      verifyToken: token,
      timestamp: new Date(at).toISOString(),
    }),
  isEchoed({ status, contentType, body }, token, options) {
    const isAccepted =
      options["strict_200"] === true ? status === 200 : status >= 200 && status < 300;
    if (!isAccepted || !JSON_TYPE.test(contentType?.trim() ?? "")) return false;
    return tokenIn(body) === token;
  },
};

function tokenIn(body: string): string | null {
  try {
    return textAt(asBag(JSON.parse(body)), "verifyToken");
  } catch {
    return null;
  }
}
