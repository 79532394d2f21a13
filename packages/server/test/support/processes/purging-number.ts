import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import twilio from "twilio";
import { expect } from "vitest";
import { type Receipt, type Receiver, startReceiver } from "../receiver.ts";
import type { ServerHome } from "./server-home.ts";
import { type ServerProcess, startServer } from "./server-process.ts";

const ACCOUNT = `AC${"a".repeat(32)}`;
const AUTH_TOKEN = "simulated-auth-token";
export const NUMBER = "+15558675310";
export const ADA = "+14017122661";
export const PUBLIC = "https://curlew.example";
/** A short one, and one over 2 KB that cannot be compressed: a compressed one would hide from a search. */
export const canaries = () =>
  [randomBytes(9).toString("hex"), randomBytes(700).toString("hex")] as const;

export interface Stage {
  server: ServerProcess;
  receiver: Receiver;
  say(server: ServerProcess, sid: string, text: string): Promise<number>;
}

/** A number under purge, and an endpoint that takes everything. */
export async function setStage(
  home: Pick<ServerHome, "place">,
  endpoint: object = {},
  more: Readonly<Record<string, string>> = {},
): Promise<Stage> {
  const env = { CURLEW_PUBLIC_URL: PUBLIC, CURLEW_LOG_LEVEL: "debug", ...more };
  const server = await startServer(home.place, env);
  const credentials = { account_sid: ACCOUNT, auth_token: AUTH_TOKEN };
  const channel = {
    ...{ kind: "sms", name: "Shop", external_id: NUMBER, credentials },
    settings: { ai_enabled: false, inbound_body_purge: true },
  };
  const connected = await server.call("POST", "/channels", channel);
  expect(connected.status, JSON.stringify(connected.body)).toBe(201);
  const receiver = await startReceiver();
  const { url, secret } = receiver;
  const made = await server.call("POST", "/endpoints", { name: "Shop", url, secret, ...endpoint });
  expect(made.status, JSON.stringify(made.body)).toBe(201);
  return {
    ...{ server, receiver },
    async say(to, sid, text) {
      const params = { MessageSid: sid, From: ADA, To: NUMBER, Body: text };
      const url = `${PUBLIC}/in/twilio`;
      const signature = twilio.getExpectedTwilioSignature(AUTH_TOKEN, url, params);
      const response = await fetch(`${to.url}/in/twilio`, {
        method: "POST",
        headers: { "x-twilio-signature": signature },
        body: new URLSearchParams(params),
      });
      return response.status;
    },
  };
}

export const ofType = (type: string) => (receipt: Receipt) => receipt.body.type === type;

/** As short as is unlikely by chance, and as seldom cut by the end of a page. */
const PIECE_LENGTH = 64;

/** Of what is long: where a page of the write-ahead log ends within it, it stands in two halves. */
function piecesOf(text: string | Buffer): (string | Buffer)[] {
  const pieces = [];
  for (let at = 0; at === 0 || at + PIECE_LENGTH <= text.length; at += PIECE_LENGTH) {
    pieces.push(
      typeof text === "string"
        ? text.slice(at, at + PIECE_LENGTH)
        : text.subarray(at, at + PIECE_LENGTH),
    );
  }
  return pieces;
}

/** The files below a directory that hold one of these, texts or bytes, or a piece of it. */
export function filesWith(directory: string, texts: readonly (string | Buffer)[]): string[] {
  const pieces = texts.flatMap(piecesOf);
  return readdirSync(directory, { recursive: true, encoding: "utf8" }).flatMap((name) => {
    const path = join(directory, name);
    if (!statSync(path).isFile()) return [];
    const content = readFileSync(path);
    return pieces.some((piece) => content.includes(piece)) ? [name] : [];
  });
}
