import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { mediaTypeOf } from "./media-type.ts";

let directory = "";
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "curlew-types-"));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);
const OGG = Buffer.concat([
  Buffer.from("OggS\0\x02\0\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0\0\0\0\0\x01\x13", "latin1"),
  Buffer.from("OpusHead\x01\x01\x38\x01\x80\xbb\0\0\0\0\0", "latin1"),
]);

test.each([
  ["a picture", PNG, "image/png", "image/png"],
  ["a picture that is said to be something else", PNG, "application/pdf", "image/png"],
  ["a voice note", OGG, "audio/ogg; codecs=opus", "audio/ogg"],
  ["a PDF", Buffer.from("%PDF-1.7\n%âãÏÓ\n"), null, "application/pdf"],
  [
    "a program that is said to be a picture",
    Buffer.from("MZ\x90\0\x03\0"),
    "image/png",
    "application/x-msdownload",
  ],
  [
    "a page of the web that is said to be a picture",
    Buffer.from("<!DOCTYPE html><p>"),
    "image/jpeg",
    "text/html",
  ],
  ["a text", Buffer.from("Straße, 12 €"), null, "text/plain"],
  ["a table", Buffer.from("a;b\n1;2\n"), "text/csv", "text/csv"],
  ["a card", Buffer.from("BEGIN:VCARD\nEND:VCARD"), "text/vcard", "text/vcard"],
  ["text that is said to be a page", Buffer.from("hello"), "text/html", "text/plain"],
  [
    "bytes that nobody knows",
    Buffer.from([1, 2, 3, 0, 255]),
    "image/png",
    "application/octet-stream",
  ],
  [
    "text in no encoding",
    Buffer.from([0x68, 0xff, 0xfe]),
    "text/plain",
    "application/octet-stream",
  ],
  ["long text whose look ends within a letter", Buffer.from("€".repeat(5_000)), null, "text/plain"],
])("%s is told by its content", async (name, bytes, declared, mime) => {
  const path = join(directory, name.replace(/\W/g, "-"));
  writeFileSync(path, bytes);
  expect(await mediaTypeOf(path, declared)).toBe(mime);
});
