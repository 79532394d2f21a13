import { createMediaLinks, type MediaLinks } from "../runtime/media/media-links.ts";
import { createOnceLinks, type OnceLinks } from "../runtime/media/once-links.ts";
import type { Ground } from "./ground.ts";
import type { Outbound } from "./outbound.ts";

/** Addresses of files as they stand in bodies. */
export interface Links {
  /** Of files that are kept. */
  media: MediaLinks;
  /** Of files that are kept nowhere: good for one fetch. */
  once: OnceLinks;
}

export function openLinks(
  { config, vault }: Ground,
  { ownAddress, signInSecret }: Pick<Outbound, "ownAddress"> & { signInSecret: string },
): Links {
  const at = { baseUrl: () => ownAddress.base, linkMs: config.media.linkMs };
  return {
    media: createMediaLinks({ secret: signInSecret, ...at }),
    once: createOnceLinks({ vault, ...at }),
  };
}
