import { describe, expect, test } from "vitest";
import { piecesOf, type Ready, wordsGo } from "./batch.ts";
import { acceptOf, type FileLimit, fitOf } from "./fits.ts";
import { limitsInWords, whyUnfit } from "./in-words.ts";

const MB = 1_048_576;
const limit = (type: FileLimit["type"], mimes: string[], mb: number, caption: number | null) => ({
  ...{ type, mimes, max_bytes: mb * MB, max_caption: caption },
});
const WHATSAPP = [
  limit("image", ["image/jpeg", "image/png"], 5, 1024),
  limit("audio", ["audio/mpeg"], 16, null),
  limit("document", ["application/pdf", "application/msword"], 100, 1024),
  limit("sticker", ["image/webp"], 1, null),
];
const MESSENGER = [
  limit("image", ["image/jpeg", "image/png"], 8, null),
  limit("video", ["video/*"], 25, null),
  limit("document", ["*"], 25, null),
];

describe("as what a file goes", () => {
  test.each([
    ["a picture", WHATSAPP, "image/png", 1, "image"],
    ["a picture that is too large for one, as a document", MESSENGER, "image/png", 9, "document"],
    ["a film by its family", MESSENGER, "video/quicktime", 20, "video"],
    ["what the browser does not know, by its size", WHATSAPP, "", 20, "document"],
  ])("%s", (_, limits, mime, mb, type) => {
    const fit = fitOf(limits, { mime, bytes: mb * MB });
    expect(fit).toMatchObject({ kind: "fits", limit: { type } });
  });

  test("a picture larger than any type that takes it goes not at all", () => {
    const fit = fitOf(WHATSAPP, { mime: "image/png", bytes: 6 * MB });
    expect(fit).toMatchObject({ kind: "size", limit: { type: "image" } });
  });

  test.each(["image/webp", "application/zip"])(
    "%s goes not at all: nobody picks a sticker, and the channel has no type for the rest",
    (mime) => {
      expect(fitOf(WHATSAPP, { mime, bytes: 1 })).toEqual({ kind: "type" });
    },
  );

  test("the window of files offers what can be sent, and everything where everything can", () => {
    expect(acceptOf(WHATSAPP)).toBe(
      "image/jpeg,image/png,audio/mpeg,application/pdf,application/msword",
    );
    expect(acceptOf(MESSENGER)).toBeUndefined();
  });
});

describe("what a channel takes", () => {
  test("is said in words", () => {
    expect(limitsInWords("WhatsApp", WHATSAPP)).toBe(
      "WhatsApp takes pictures (JPEG, PNG) up to 5 MB, sound (MP3) up to 16 MB, and documents (PDF, Word) up to 100 MB.",
    );
    expect(limitsInWords("Messenger", MESSENGER)).toContain("films up to 25 MB");
  });

  test("is said of a file that it does not take", () => {
    const bmp = fitOf(WHATSAPP, { mime: "image/bmp", bytes: 1 });
    const large = fitOf(WHATSAPP, { mime: "image/png", bytes: 6.3 * MB });
    if (bmp.kind === "fits" || large.kind === "fits") throw new Error("it fits");
    expect(whyUnfit("WhatsApp", { fit: bmp, mime: "image/bmp" }, 1)).toBe(
      "WhatsApp takes no BMP files.",
    );
    expect(whyUnfit("WhatsApp", { fit: large, mime: "image/png" }, 6.3 * MB)).toBe(
      "It has 6.3 MB. WhatsApp takes pictures up to 5 MB.",
    );
  });
});

describe("words beside files", () => {
  const ready = (id: string, type: FileLimit["type"], caption: number | null): Ready => ({
    ...{ id, name: `${id}.x`, bytes: 1 },
    limit: { type, max_caption: caption },
  });
  const picture = ready("med_1", "image", 10);
  const film = ready("med_2", "video", 10);
  const quiet = ready("med_3", "image", null);

  test.each([
    ["go alone where there is no file", [], "Hello", "alone", [{ text: "Hello" }]],
    [
      "are the caption of the first file",
      [picture, film],
      "Hello",
      "caption",
      [
        { media: { type: "image", id: "med_1", caption: "Hello" } },
        { media: { type: "video", id: "med_2" } },
      ],
    ],
    [
      "follow where the channel shows no captions",
      [quiet],
      "Hello",
      "no_captions",
      [{ media: { type: "image", id: "med_3" } }, { text: "Hello" }],
    ],
    [
      "follow where they are too long for one",
      [picture],
      "Hello world",
      "too_long",
      [{ media: { type: "image", id: "med_1" } }, { text: "Hello world" }],
    ],
    ["are not missed", [quiet], "", "no_captions", [{ media: { type: "image", id: "med_3" } }]],
  ])("%s", (_, files, text, way, wishes) => {
    expect(wordsGo(files, text)).toBe(way);
    expect(piecesOf(files, text).map(({ wish }) => wish)).toEqual(wishes);
  });
});
