import { parseId, publicId } from "../../core/ids.ts";
import type { AddressBody, DistantMedia, LinkOnce } from "../../core/messages/media.ts";
import type { Vault } from "../secrets/vault.ts";

/** A link as it stands in a body. */
const LINK = /(\/media\/once\/)(med_[0-9a-z]+)\?t=([\w.-]+)/g;

/** What a link carries, sealed. */
interface Leave {
  file: DistantMedia;
  /** The endpoint that it was sent to, by its serial; null while it is sent to nobody. */
  endpoint: number | null;
  expiresAt: number;
}

export type OpenedLink =
  | { verdict: "good"; file: DistantMedia; endpoint: number }
  | { verdict: "wrong" | "expired" };

export interface OnceLinks {
  once: LinkOnce;
  /** A body in which each such link is one endpoint's own: what one has fetched, others still may. */
  addressed: AddressBody;
  open(id: string, token: string, now: number): OpenedLink;
}

/**
 * Links to files that are kept nowhere. Where the file is at its provider stands in the link, sealed with
 * a master key and bound to the file's id, and nowhere else.
 */
export function createOnceLinks(o: {
  vault: Pick<Vault, "seal" | "open">;
  /** Where this server is reached, without a slash at the end. */
  baseUrl(): string;
  linkMs: number;
}): OnceLinks {
  const seal = (id: string, leave: Leave) => o.vault.seal(JSON.stringify(leave), placeOf(id));

  function read(id: string, token: string): Leave | null {
    try {
      return JSON.parse(o.vault.open(token, placeOf(id))) as Leave; // sealed here
    } catch {
      return null;
    }
  }

  return {
    once(file, now) {
      const expiresAt = now + o.linkMs;
      const id = publicId("med", file.id);
      return {
        url: `${o.baseUrl()}/media/once/${id}?t=${seal(id, { file, endpoint: null, expiresAt })}`,
        expires_at: new Date(expiresAt).toISOString(),
      };
    },
    addressed: (body, endpoint) =>
      body.replaceAll(LINK, (link: string, path: string, id: string, token: string) => {
        const leave = read(id, token);
        return leave === null ? link : `${path}${id}?t=${seal(id, { ...leave, endpoint })}`;
      }),
    open(id, token, now) {
      const leave = read(id, token);
      if (leave === null || leave.endpoint === null) return { verdict: "wrong" };
      if (leave.expiresAt <= now) return { verdict: "expired" };
      return { verdict: "good", file: leave.file, endpoint: leave.endpoint };
    },
  };
}

function placeOf(id: string) {
  return { table: "media", row: parseId("med", id) ?? id, column: "once" };
}
