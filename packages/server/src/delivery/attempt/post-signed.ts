import type { EndpointView, LiveSecret } from "../directory/directory.ts";
import type { Work } from "../work.ts";
import { type Letter, liveSecrets, type PostResult, writeLetter } from "./attempt.ts";

export interface PostSigned {
  work: Work;
  /** Signed with the newest secret. */
  letter: Letter;
  /** The endpoint as it is when it is asked for. */
  endpoint(): EndpointView;
  now(): number;
  /** Sends one request; never rejects. */
  post(letter: Letter, deadlineMs: number): Promise<PostResult>;
}

/**
 * One attempt. It is signed with the newest secret; a receiver that knows only an older one, which
 * still counts, refuses it: then the same bytes are sent again at once, signed with that one. What
 * the receiver took, or said last, is the attempt's outcome, and its deadline is that of both
 * requests together. A dialect that signs with all its secrets never needs it.
 */
export async function postSigned(o: PostSigned): Promise<{ letter: Letter; result: PostResult }> {
  const { letter } = o;
  const endpoint = o.endpoint();
  const result = await o.post(letter, endpoint.timeoutMs);
  if (endpoint.dialect.multipleSignatures || endpoint.secrets.length < 2) {
    return { letter, result };
  }
  return sendAgain(o, { letter, result });
}

async function sendAgain(
  o: PostSigned,
  first: { letter: Letter; result: PostResult },
): Promise<{ letter: Letter; result: PostResult }> {
  const { letter, result } = first;
  if (result.kind !== "response") return first;
  const tried = new Set([letter.signedBy]);
  let { ms } = result;
  for (;;) {
    const endpoint = o.endpoint();
    const now = o.now();
    const refuses = ({ resendOn }: LiveSecret) => resendOn.includes(result.status);
    const older = liveSecrets(endpoint, now).find(({ id }) => !tried.has(id));
    const leftMs = endpoint.timeoutMs - ms;
    if (!endpoint.moves || !older || !refuses(older) || leftMs < 1) break;
    tried.add(older.id);
    const again = writeLetter({ ...o.work, body: letter.body }, endpoint, now, [older]);
    const answer = await o.post(again, leftMs);
    const since = ms;
    ms += answer.ms;
    if (answer.kind === "response" && older.resendOn.includes(answer.status)) continue;
    const whole = { ...answer, ms };
    if (whole.kind === "response") whole.firstByteMs += since;
    return {
      letter: { ...again, isPlain: letter.isPlain, resentAfter: result.status },
      result: whole,
    };
  }
  // Nobody's signature was taken: the newest one's answer stands.
  const resentAfter = tried.size > 1 ? result.status : null;
  return { letter: { ...letter, resentAfter }, result: { ...result, ms } };
}
