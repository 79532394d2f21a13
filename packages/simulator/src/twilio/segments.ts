const GSM_BASIC = new Set(
  "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà",
);
const GSM_EXTENSION = new Set("\f^{}\\[~]|€");
const GSM = { single: 160, part: 153 };
const UCS2 = { single: 70, part: 67 };
const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });

/** How many parts a text travels in. An escaped character or a grapheme never lies across two. */
export function countSegments(text: string): number {
  const characters = [...text];
  const isGsm = characters.every((each) => GSM_BASIC.has(each) || GSM_EXTENSION.has(each));
  if (isGsm)
    return pack(
      characters.map((each) => (GSM_EXTENSION.has(each) ? 2 : 1)),
      GSM,
    );
  return pack(
    [...graphemes.segment(text)].map(({ segment }) => segment.length),
    UCS2,
  );
}

function pack(sizes: readonly number[], { single, part }: { single: number; part: number }) {
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (total <= single) return 1;
  let segments = 1;
  let used = 0;
  for (const size of sizes) {
    if (used + size > part) {
      segments += 1;
      used = 0;
    }
    used += size;
  }
  return segments;
}
