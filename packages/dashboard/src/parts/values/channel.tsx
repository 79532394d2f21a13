import type { ReactNode } from "react";
import { partWords } from "../../words/index.ts";
import { cx } from "../class-names.ts";

export type ChannelKind = keyof typeof partWords.channels;

export const CHANNEL_KINDS = Object.keys(partWords.channels) as ChannelKind[]; // the keys are the kinds

export function isChannelKind(text: string): text is ChannelKind {
  return Object.hasOwn(partWords.channels, text);
}

/** Our own outline of a kind of channel in its tile: 18 px, 15 in chips, 22 in pickers. */
export function ChannelTile({
  kind,
  size = 18,
  isNamed = false,
}: {
  kind: ChannelKind;
  size?: 15 | 18 | 22 | 30;
  /** Its name stands beside it. */
  isNamed?: boolean;
}) {
  const glyph = Math.round(size * 0.72);
  const name = partWords.channels[kind];
  return (
    <span
      {...(isNamed ? { "aria-hidden": true } : { role: "img", "aria-label": name, title: name })}
      className={cx("inline-grid flex-none place-items-center", TILES[kind])}
      style={{ width: size, height: size, borderRadius: size * 0.26 }}
    >
      <svg
        width={glyph}
        height={glyph}
        viewBox="0 0 16 16"
        fill="none"
        stroke="currentColor"
        strokeWidth={1.45}
        strokeLinecap="round"
        strokeLinejoin="round"
        aria-hidden="true"
      >
        {OUTLINES[kind]}
      </svg>
    </span>
  );
}

/** Tile and the name of the person or address. */
export function Channel({ kind, children }: { kind: ChannelKind; children: ReactNode }) {
  return (
    <span className="inline-flex min-w-0 items-center gap-1.75 align-middle whitespace-nowrap">
      <ChannelTile kind={kind} />
      <span className="truncate">{children}</span>
    </span>
  );
}

const TILES: Record<ChannelKind, string> = {
  messenger: "bg-ch-messenger-bg text-ch-messenger",
  instagram: "bg-ch-instagram-bg text-ch-instagram",
  whatsapp: "bg-ch-whatsapp-bg text-ch-whatsapp",
  sms: "bg-ch-sms-bg text-ch-sms",
  webchat: "bg-ch-webchat-bg text-ch-webchat",
  email: "bg-ch-email-bg text-ch-email",
  linkedin: "bg-ch-linkedin-bg text-ch-linkedin",
};

const OUTLINES: Record<ChannelKind, ReactNode> = {
  whatsapp: (
    <>
      <path d="M8 2.2A5.7 5.7 0 0 0 3 10.7l-.7 3 3.1-.7A5.7 5.7 0 1 0 8 2.2Z" />
      <path d="M6.1 5.6c-.5 1.7 2.5 4.7 4.2 4.3" strokeWidth={1.7} />
    </>
  ),
  instagram: (
    <>
      <rect x="2.5" y="2.5" width="11" height="11" rx="3.2" />
      <circle cx="8" cy="8" r="2.5" />
      <circle cx="11.1" cy="4.9" r=".7" fill="currentColor" stroke="none" />
    </>
  ),
  messenger: (
    <>
      <path d="M8 2.2c3.4 0 6 2.3 6 5.4s-2.6 5.4-6 5.4c-.7 0-1.3-.1-1.9-.3L4 13.8v-2.3C2.7 10.5 2 9.2 2 7.6c0-3.1 2.6-5.4 6-5.4Z" />
      <path d="m4.9 9.1 2.2-2.5 1.7 1.7 2.3-1.8" />
    </>
  ),
  sms: (
    <>
      <path d="M2.3 3.3h11.4v7.6H7.3L4.5 13.3v-2.4H2.3Z" />
      <path d="M5.1 7.1h.01M8 7.1h.01M10.9 7.1h.01" strokeWidth={1.8} />
    </>
  ),
  webchat: (
    <>
      <rect x="2" y="2.8" width="12" height="10.4" rx="1.8" />
      <path d="M2 5.9h12M5.2 8.6h4.3M5.2 10.7h2.6" />
    </>
  ),
  email: (
    <>
      <rect x="2" y="3.3" width="12" height="9.4" rx="1.6" />
      <path d="m2.5 4.6 5.5 4.2 5.5-4.2" />
    </>
  ),
  linkedin: (
    <path d="M4 6.7v5.6M4 3.8v.01M7.1 12.3V6.7M7.1 9.3c0-3.2 5-3.4 5 0v3" strokeWidth={1.8} />
  ),
};
