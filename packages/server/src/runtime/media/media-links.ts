import { createHmac, timingSafeEqual } from "node:crypto";
import { publicId } from "../../core/ids.ts";
import type { LinkMedia } from "../../core/messages/media.ts";

const PURPOSE = "curlew media links v1";

/** A name as the last step of an address. Half a character, which cannot be encoded, is replaced. */
function ending(filename: string | null | undefined): string {
  if (!filename) return "";
  return `/${encodeURIComponent(Buffer.from(filename, "utf8").toString("utf8"))}`;
}

export type LinkVerdict = "good" | "wrong" | "expired";

export interface MediaLinks {
  link: LinkMedia;
  /** `exp` is in seconds since the epoch, as the link has it. */
  judge(id: string, exp: string, signature: string, now: number): LinkVerdict;
}

/**
 * Signs addresses of media. Not by a master key: links stay good when that is changed, for their
 * secret is sealed anew with all the others.
 */
export function createMediaLinks(o: {
  /** The instance's own, the same in every process and after every start. */
  secret: string;
  /** Where this server is reached, without a slash at the end. */
  baseUrl(): string;
  linkMs: number;
}): MediaLinks {
  const key = createHmac("sha256", o.secret).update(PURPOSE).digest();
  const sign = (id: string, exp: string) =>
    createHmac("sha256", key).update(`${id}.${exp}`).digest();

  return {
    link(uuid, now, filename) {
      const id = publicId("med", uuid);
      const exp = Math.ceil((now + o.linkMs) / 1000);
      const sig = sign(id, String(exp)).toString("base64url");
      return {
        url: `${o.baseUrl()}/media/${id}${ending(filename)}?exp=${exp}&sig=${sig}`,
        expires_at: new Date(exp * 1000).toISOString(),
      };
    },
    judge(id, exp, signature, now) {
      const given = Buffer.from(signature, "base64url");
      const expected = sign(id, exp);
      const isOurs = given.length === expected.length && timingSafeEqual(given, expected);
      if (!isOurs || !/^\d{1,12}$/.test(exp)) return "wrong";
      return Number(exp) * 1000 <= now ? "expired" : "good";
    },
  };
}
