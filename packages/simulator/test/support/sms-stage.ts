import { createServer, type IncomingHttpHeaders } from "node:http";
import { onTestFinished } from "vitest";
import type { Simulator } from "../../src/index.ts";

export const ACCOUNT = "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
export const AUTH_TOKEN = "simulated-auth-token";
export const SMS_NUMBER = "+15558675310";
export const PERSON = "+14017122661";

export interface ReceivedForm {
  url: string;
  headers: IncomingHttpHeaders;
  raw: string;
  form: Record<string, string>;
}

const EMPTY_TWIML = '<?xml version="1.0" encoding="UTF-8"?><Response></Response>';

interface FormAnswer {
  status?: number;
  type?: string;
  body?: string;
}

/** A receiver of Twilio's webhooks; null closes the connection without an answer. */
export async function startFormReceiver(
  answer: (received: ReceivedForm) => FormAnswer | null = () => ({}),
) {
  const received: ReceivedForm[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const raw = Buffer.concat(chunks).toString("utf8");
      const form = Object.fromEntries(new URLSearchParams(raw));
      const each = { url: request.url ?? "", headers: request.headers, raw, form };
      received.push(each);
      const told = answer(each);
      if (told === null) return void request.socket.destroy();
      response.writeHead(told.status ?? 200, { "content-type": told.type ?? "text/xml" });
      response.end(told.body ?? EMPTY_TWIML);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  return { url: `http://127.0.0.1:${port}/in/twilio`, received };
}

export interface RestAnswer {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: whatever the API said, for a test to look into
  body: any;
}

/** One request to Twilio's REST API, as any client makes it. */
export async function rest(
  simulator: Simulator,
  method: string,
  path: string,
  form?: Record<string, string>,
  auth = `${ACCOUNT}:${AUTH_TOKEN}`,
): Promise<RestAnswer> {
  const response = await fetch(`${simulator.url}/${path}`, {
    method,
    redirect: "manual",
    headers: { authorization: `Basic ${Buffer.from(auth).toString("base64")}` },
    ...(form === undefined ? {} : { body: new URLSearchParams(form) }),
  });
  const text = await response.text();
  const isJson = response.headers.get("content-type")?.includes("json") ?? false;
  return { status: response.status, body: isJson && text !== "" ? JSON.parse(text) : text };
}

export function sendSms(simulator: Simulator, form: Record<string, string>): Promise<RestAnswer> {
  return rest(simulator, "POST", `2010-04-01/Accounts/${ACCOUNT}/Messages.json`, {
    From: SMS_NUMBER,
    To: PERSON,
    Body: "hello",
    ...form,
  });
}
