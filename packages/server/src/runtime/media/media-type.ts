import { open } from "node:fs/promises";
import { fileTypeFromBuffer, fileTypeFromFile } from "file-type";

const LOOK_BYTES = 8_192;

/** Text types that nothing in the bytes tells from each other: the sender is believed. */
const DECLARED_TEXT = /^(text\/[\w.+-]+|application\/(json|xml|x-subrip)|image\/svg\+xml)$/;

/**
 * What a file is, by its content: known formats by their magic bytes, text where it reads as such, else
 * `application/octet-stream`. `declared` only says what kind of text it is.
 */
export async function mediaTypeOf(path: string, declared: string | null): Promise<string> {
  return judge(await fileTypeFromFile(path), await readHead(path), declared);
}

/** The same of a file of which only the beginning is at hand. */
export async function mediaTypeOfHead(head: Uint8Array, declared: string | null): Promise<string> {
  return judge(await fileTypeFromBuffer(head), Buffer.from(head).subarray(0, LOOK_BYTES), declared);
}

/** Word, Excel and PowerPoint up to 2003 wrote one format, and the sender alone knows which of them did. */
const COMPOUND = "application/x-cfb";
const DECLARED_COMPOUND = /^application\/(msword|vnd\.ms-(excel|powerpoint|outlook))$/;

function judge(known: { mime: string } | undefined, head: Buffer, declared: string | null): string {
  if (known?.mime === COMPOUND && DECLARED_COMPOUND.test(plainType(declared ?? ""))) {
    return plainType(declared ?? "");
  }
  if (known && known.mime !== "application/xml") return plainType(known.mime);
  if (!isText(head)) return "application/octet-stream";
  if (/^\s*(<!doctype html|<html|<head|<script|<body)/i.test(head.toString("utf8"))) {
    return "text/html";
  }
  const given = plainType(declared ?? "");
  return DECLARED_TEXT.test(given) && given !== "text/html" ? given : (known?.mime ?? "text/plain");
}

/** Without parameters, in lower case. */
function plainType(mime: string): string {
  return mime.split(";", 1)[0]?.trim().toLowerCase() ?? "";
}

async function readHead(path: string): Promise<Buffer> {
  const file = await open(path, "r");
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(LOOK_BYTES), 0, LOOK_BYTES, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

function isText(head: Buffer): boolean {
  if (head.length === 0 || head.includes(0)) return false;
  // A letter may be cut in two where the look ends.
  const whole = head.length < LOOK_BYTES ? head : head.subarray(0, head.length - 3);
  try {
    new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(whole, {
      stream: whole.length < head.length,
    });
    return true;
  } catch {
    return false;
  }
}
