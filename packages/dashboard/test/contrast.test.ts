import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";

/** Lightness, chroma, hue in degrees: as tokens are written. */
interface Oklch {
  l: number;
  c: number;
  h: number;
}
type Rgb = [number, number, number];

const CSS = readFileSync(new URL("../src/style/tokens.css", import.meta.url), "utf8");
const TOKENS = new Map(
  [...CSS.matchAll(/^\s*(--[\w-]+):\s*(light-dark\([^;]*\)|var\(--[\w-]+\))\s*;/gm)]
    .toReversed() // the first of a name is the colour, later ones are for special eyes
    .map(([, name = "", value = ""]) => [name, value]),
);
const THEMES = ["light", "dark"] as const;
const SURFACES = ["bg", "surface", "surface-raised", "surface-sunken", "surface-hover"].concat(
  "surface-active",
  "surface-selected",
);
const STATES = ["delivered", "pending", "retrying", "dead", "paused", "cancelled"];
const CHANNELS = ["messenger", "instagram", "whatsapp", "sms", "webchat", "email", "linkedin"];
const TEXTS = ["fg", "fg-2", "fg-3"];
const READABLE = 4.5;
const SEEN = 3;

function token(name: string, theme: number): Oklch {
  const value = TOKENS.get(`--${name}`);
  if (value === undefined) throw new Error(`There is no token --${name}.`);
  const reference = /^var\(--([\w-]+)\)$/.exec(value)?.[1];
  if (reference !== undefined) return token(reference, theme);
  const side = value.match(/oklch\([^)]*\)/g)?.[theme] ?? "";
  const [, l, c, h] = /oklch\(([\d.]+) ([\d.]+)(?: ([\d.]+))?/.exec(side) ?? [];
  return { l: Number(l), c: Number(c), h: Number(h ?? 0) };
}

function linear({ l: lightness, c, h }: Oklch): Rgb {
  const a = c * Math.cos((h * Math.PI) / 180);
  const b = c * Math.sin((h * Math.PI) / 180);
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ];
}

const clamp = (rgb: Rgb): Rgb => rgb.map((x) => Math.min(1, Math.max(0, x))) as Rgb; // three stay three

function luminance(colour: Oklch): number {
  const [r, g, b] = clamp(linear(colour));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(one: Oklch, other: Oklch): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].toSorted((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

/** Every pair of text and what it may lie on, with the least contrast that WCAG 2.2 AA asks for. */
function pairs(): [string, string, number][] {
  const all = (front: string[], back: string[], least: number) =>
    front.flatMap((a) => back.map((b): [string, string, number] => [a, b, least]));
  const soft = [...STATES.map((state) => `${state}-soft`), "accent-soft"];
  return [
    ...all([...TEXTS, "accent", ...STATES], SURFACES, READABLE),
    ...all(TEXTS, soft, READABLE),
    ...STATES.map((state): [string, string, number] => [state, `${state}-soft`, READABLE]),
    ...CHANNELS.flatMap((kind) => all([`ch-${kind}`], [`ch-${kind}-bg`, "surface"], READABLE)),
    ...all(
      ["code-key", "code-string", "code-number", "code-literal"],
      ["surface", "surface-sunken", "surface-raised"],
      READABLE,
    ),
    ...all(["accent"], ["accent-soft"], READABLE),
    ...all(["on-ink"], ["ink", "ink-hover"], READABLE),
    ...all(["on-accent"], ["accent-solid"], READABLE),
    ...all(["focus", "border-control"], SURFACES.slice(0, 4).concat("surface-selected"), SEEN),
    ...all(["delivered-solid", "dead-solid", "paused-solid"], ["surface"], SEEN),
  ];
}

/** Machado, Oliveira, Fernandes 2009, severity 1. */
const EYES: Record<string, [Rgb, Rgb, Rgb]> = {
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};

function lab([r, g, b]: Rgb): Rgb {
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

describe.each(THEMES.map((name, theme) => ({ name, theme })))("the $name theme", ({ theme }) => {
  test("can be read: every text on everything that it may lie on", () => {
    const low = pairs().flatMap(([front, back, least]) => {
      const value = contrast(token(front, theme), token(back, theme));
      return value < least ? [`${front} on ${back} is ${value.toFixed(2)}, needs ${least}`] : [];
    });
    expect(low).toEqual([]);
    expect(1.05 / (luminance(token("danger", theme)) + 0.05)).toBeGreaterThanOrEqual(READABLE);
  });

  test("has no colour that a screen cannot show", () => {
    const outside = [...TOKENS]
      .filter(([, value]) => value.startsWith("light-dark("))
      .map(([name]) => name.slice(2))
      .filter((name) => linear(token(name, theme)).some((x) => x < -0.005 || x > 1.005));
    expect(TOKENS.size).toBeGreaterThan(60);
    expect(outside).toEqual([]);
  });

  test.each(Object.keys(EYES))("keeps the bars of the states apart under %s", (eye) => {
    const seen = STATES.map((state) => {
      const colour = clamp(linear(token(`${state}-solid`, theme)));
      const rows = EYES[eye]?.map((row) =>
        row.reduce((sum, x, n) => sum + x * (colour[n] ?? 0), 0),
      );
      return { state, lab: lab(clamp((rows ?? []) as Rgb)) }; // a matrix of three rows
    });
    const near = seen.flatMap((one, n) =>
      seen.slice(n + 1).flatMap((other) => {
        const distance = Math.hypot(...one.lab.map((x, k) => x - (other.lab[k] ?? 0)));
        return distance < 0.07 ? [`${one.state}, ${other.state}: ${distance.toFixed(3)}`] : [];
      }),
    );
    expect(near).toEqual([]);
  });
});
