import { createHash, createHmac } from "node:crypto";
import type { JsonObject } from "../json.ts";
import { GraphError } from "./graph-error.ts";
import { newObjectId } from "./ids.ts";

const DAY_MS = 86_400_000;
const URL_LIFE_MS = 5 * 60_000;
const CDN_LIFE_MS = DAY_MS;
/** The path of what stands for the CDN that Messenger and Instagram link to. */
export const CDN = "messaging_cdn";

interface Medium {
  id: string;
  mimeType: string;
  bytes: Buffer;
  /** Uploads live 30 days, what came in by webhook 7. */
  expiresAt: number;
  /** The number that it was uploaded on; null for what a user sent. */
  phoneNumberId: string | null;
}

const MB = 1_000_000;
const LIMITS: readonly (readonly [RegExp, number])[] = [
  [/^image\/(jpeg|png)$/, 5 * MB],
  [/^image\/webp$/, 0.5 * MB],
  [/^audio\/(aac|amr|mpeg|mp4|ogg)$/, 16 * MB],
  [/^video\/(mp4|3gpp)$/, 16 * MB],
  [
    /^(text\/plain|application\/(pdf|msword|zip|vnd\.(ms-excel|ms-powerpoint|openxmlformats-.+)))$/,
    100 * MB,
  ],
];

export type Media = ReturnType<typeof createMedia>;

/** Media by id. Their URLs live five minutes and are signed, so that nobody can make one up. */
export function createMedia(secret: string) {
  const media = new Map<string, Medium>();
  const sign = (id: string, expiry: string) =>
    createHmac("sha256", secret).update(`${id} ${expiry}`).digest("base64url");
  const live = (id: string, now: number) => {
    const medium = media.get(id);
    return medium && now < medium.expiresAt ? medium : undefined;
  };

  function keep(medium: Omit<Medium, "id">): string {
    const id = newObjectId();
    media.set(id, { id, ...medium });
    return id;
  }

  return {
    isKnown: (id: string, now: number) => live(id, now) !== undefined,
    /** Takes an upload. Throws 131053 for a type or size that WhatsApp does not take. */
    upload(given: { mimeType: string; bytes: Buffer; phoneNumberId: string; now: number }): string {
      const mimeType = given.mimeType.split(";")[0]?.trim().toLowerCase() ?? "";
      const max = LIMITS.find(([pattern]) => pattern.test(mimeType))?.[1];
      if (max === undefined) {
        throw new GraphError(131053, { details: `Unsupported media type: ${mimeType}` });
      }
      if (given.bytes.length > max) {
        throw new GraphError(131053, { details: `Media is larger than ${max} bytes` });
      }
      const { bytes, phoneNumberId, now } = given;
      return keep({ mimeType, bytes, phoneNumberId, expiresAt: now + 30 * DAY_MS });
    },
    /** Keeps what a user sends, whatever its type, for a later webhook to name. */
    receive: (mimeType: string, bytes: Buffer, now: number) =>
      keep({ mimeType, bytes, phoneNumberId: null, expiresAt: now + 7 * DAY_MS }),
    /** The medium as `GET /{media_id}` shows it. Throws 100/33 when there is none (any more). */
    describe(id: string, given: { now: number; origin: string; phoneNumberId: string | null }) {
      const medium = live(id, given.now);
      if (!medium) throw unknownObject(id, "get");
      const { phoneNumberId } = given;
      if (phoneNumberId !== null && phoneNumberId !== medium.phoneNumberId) {
        throw new GraphError(100, {
          message:
            "(#100) Param phone_number_id is not a valid whatsapp business phone number id ID",
        });
      }
      const expiry = String(Math.floor((given.now + URL_LIFE_MS) / 1000));
      const query = new URLSearchParams({ mid: id, ext: expiry, hash: sign(id, expiry) });
      return {
        messaging_product: "whatsapp",
        url: `${given.origin}/whatsapp_business/attachments/?${query}`,
        mime_type: medium.mimeType,
        sha256: createHash("sha256").update(medium.bytes).digest("hex"),
        file_size: medium.bytes.length,
        id,
      } satisfies JsonObject;
    },
    /** Where Messenger's and Instagram's links to it lead: nobody is asked for a token there. */
    cdnPath(id: string, now: number): string {
      const expiry = String(Math.floor((now + CDN_LIFE_MS) / 1000));
      return `/${CDN}/?${new URLSearchParams({ mid: id, ext: expiry, hash: sign(id, expiry) })}`;
    },
    /** The bytes behind a URL that is genuine and has not ended, else null. */
    open(query: URLSearchParams, now: number): { mimeType: string; bytes: Buffer } | null {
      const id = query.get("mid") ?? "";
      const expiry = query.get("ext") ?? "";
      const isGood = query.get("hash") === sign(id, expiry) && now < Number(expiry) * 1000;
      return isGood ? (live(id, now) ?? null) : null;
    },
    delete(id: string): void {
      if (!media.delete(id)) throw unknownObject(id, "delete");
    },
    clear: () => media.clear(),
  };
}

/** What the Graph API answers for an id that it does not know. */
export function unknownObject(id: string, verb: string): GraphError {
  return new GraphError(100, {
    message:
      `Unsupported ${verb} request. Object with ID '${id}' does not exist, cannot be loaded due ` +
      "to missing permissions, or does not support this operation.",
    type: "GraphMethodException",
    subcode: 33,
  });
}
