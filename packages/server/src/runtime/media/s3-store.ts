import { createReadStream } from "node:fs";
import { rm } from "node:fs/promises";
import type { Readable } from "node:stream";
import { AwsV4Signer } from "aws4fetch";
import { Pool } from "undici";
import type { Clock } from "../../core/outside/clock.ts";
import type { FileStore } from "../../core/outside/file-store.ts";
import type { Secret } from "../../core/secret.ts";
import { dayName, isDayBefore, placeOfFile } from "./file-place.ts";

const CONNECTIONS = 16;
/** Between two bytes. */
const IDLE_MS = 30_000;
const EMPTY_SHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
const PREFIX = "media/";

export interface S3Options {
  /** `https://s3.eu-central-1.amazonaws.com`, or wherever something speaks S3. */
  endpoint: string;
  region: string;
  bucket: string;
  accessKeyId: string;
  secretAccessKey: Secret;
}

export type S3Store = FileStore & { close(): Promise<void> };

interface Asked {
  method: "GET" | "PUT" | "DELETE";
  path: string;
  query?: Record<string, string>;
  headers?: Record<string, string>;
  body?: Readable;
  sha256?: string;
}

/** Keeps files in a bucket of S3, or of anything that speaks its language, addressed by path. */
export function createS3Store(options: S3Options, clock: Pick<Clock, "now">): S3Store {
  const base = new URL(options.endpoint);
  const root = `${base.pathname.replace(/\/$/, "")}/${options.bucket}`;
  const pool = new Pool(base.origin, {
    connections: CONNECTIONS,
    headersTimeout: IDLE_MS,
    bodyTimeout: IDLE_MS,
  });

  async function ask({ method, path, query = {}, headers = {}, body, sha256 }: Asked) {
    const url = new URL(`${base.origin}${root}${path}`);
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    const signed = await new AwsV4Signer({
      method,
      url: url.href,
      headers: { ...headers, "x-amz-content-sha256": sha256 ?? EMPTY_SHA256 },
      accessKeyId: options.accessKeyId,
      secretAccessKey: options.secretAccessKey.reveal(),
      service: "s3",
      region: options.region,
      datetime: new Date(clock.now()).toISOString().replace(/[:-]|\.\d{3}/g, ""),
    }).sign();
    return pool.request({
      method,
      path: `${signed.url.pathname}${signed.url.search}`,
      headers: Object.fromEntries(signed.headers),
      body: body ?? null,
    });
  }

  async function remove(key: string): Promise<void> {
    const { statusCode, body } = await ask({ method: "DELETE", path: `/${key}` });
    await body.dump();
    if (statusCode >= 300 && statusCode !== 404) throw refusal("delete", statusCode);
  }

  /** The first thousand names below a prefix, or the folders there. */
  async function list(prefix: string, query: Record<string, string>): Promise<string> {
    const asked = { "list-type": "2", prefix, ...query };
    const { statusCode, body } = await ask({ method: "GET", path: "", query: asked });
    const text = await body.text();
    if (statusCode !== 200) throw refusal("list", statusCode);
    return text;
  }

  return {
    async put(id, { path, bytes, sha256 }) {
      const { statusCode, body } = await ask({
        method: "PUT",
        path: `/${PREFIX}${placeOfFile(id)}`,
        headers: { "content-length": String(bytes), "content-type": "application/octet-stream" },
        body: createReadStream(path),
        sha256,
      });
      await body.dump();
      if (statusCode !== 200) throw refusal("store", statusCode);
      await rm(path, { force: true });
    },
    async open(id, range) {
      const headers: Record<string, string> =
        range === null ? {} : { range: `bytes=${range.start}-${range.end}` };
      const path = `/${PREFIX}${placeOfFile(id)}`;
      const answer = await ask({ method: "GET", path, headers });
      if (answer.statusCode === 200 || answer.statusCode === 206) {
        return { bytes: lengthOf(answer.headers), stream: answer.body };
      }
      await answer.body.dump();
      if (answer.statusCode === 404) return null;
      throw refusal("read", answer.statusCode);
    },
    remove: (id) => remove(`${PREFIX}${placeOfFile(id)}`),
    async removeBefore(at) {
      const days = textsIn(await list(PREFIX, { delimiter: "/" }), "Prefix")
        .map((each) => each.slice(PREFIX.length).replace(/\/$/, ""))
        .filter((day) => isDayBefore(day, at) && day < dayName(at));
      for (const day of days) {
        for (;;) {
          const keys = textsIn(await list(`${PREFIX}${day}/`, {}), "Key");
          for (const key of keys) await remove(key);
          if (keys.length === 0) break;
        }
      }
      return days.length;
    },
    close: () => pool.close(),
  };
}

/** The whole length, which the answer to a range tells behind a slash. */
function lengthOf(headers: Record<string, string | string[] | undefined>): number {
  const whole = /\/(\d+)$/.exec(String(headers["content-range"] ?? ""))?.[1];
  return Number(whole ?? headers["content-length"]);
}

/** What stands between these tags of S3's XML; keys of ours need no unescaping. */
function textsIn(xml: string, tag: string): string[] {
  return [...xml.matchAll(new RegExp(`<${tag}>([^<]*)</${tag}>`, "g"))].map(
    ([, text]) => text ?? "",
  );
}

function refusal(verb: string, status: number): Error {
  return new Error(`the object storage answered ${status} when asked to ${verb} a file`);
}
