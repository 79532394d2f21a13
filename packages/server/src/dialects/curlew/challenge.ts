import type { Handshake } from "../dialect.ts";

/**
 * An endpoint of the native dialect need not prove anything; whoever wants to know that it answers,
 * and reads what it is sent, can have it send a token back.
 */
export const challenge: Handshake = {
  deadlineMs: 10_000,
  body: (token, at) =>
    JSON.stringify({ type: "endpoint.challenge", token, occurred_at: new Date(at).toISOString() }),
  isEchoed({ status, contentType, body }, token) {
    if (status < 200 || status > 299) return false;
    if (!/^application\/json\b/i.test(contentType ?? "")) return false;
    try {
      // A stranger's answer: anything at all.
      const answer: unknown = JSON.parse(body);
      return (
        typeof answer === "object" &&
        answer !== null &&
        Object.entries(answer).some(([name, value]) => name === "token" && value === token)
      );
    } catch {
      return false;
    }
  },
};
