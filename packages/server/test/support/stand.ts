import type { IncomingHttpHeaders, ServerResponse } from "node:http";
import { onTestFinished } from "vitest";
import { httpServer } from "../../src/runtime/fixtures/local-server.ts";

export interface Visit {
  path: string;
  headers: IncomingHttpHeaders;
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: each test says which fields it expects
  body: any;
}

/** What a stand does with a request. */
export type Answering = (visit: Visit, response: ServerResponse) => void;

export interface Stand {
  url: string;
  /** Every request that came in, in order. */
  visits: Visit[];
  /** How requests are answered from now on. */
  answer(answering: Answering): void;
  /** Resolves when so many requests are there. */
  visited(count: number): Promise<void>;
}

export const json =
  (body: unknown, status = 200): Answering =>
  (_, response) => {
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  };
export const status =
  (code: number, headers = {}): Answering =>
  (_, response) => {
    response.writeHead(code, headers).end();
  };
/** As DMtoLead's documentation asks for. */
export const echo: Answering = (visit, response) =>
  json({ verifyToken: visit.body.verifyToken })(visit, response);
export const hang: Answering = () => {};

/** A receiver in this process that does as the test says; it ends with the test. */
export async function openStand(answering: Answering = status(200)): Promise<Stand> {
  const visits: Visit[] = [];
  const waiting: { count: number; resolve: () => void }[] = [];
  let answer = answering;
  const server = await httpServer(onTestFinished, (request, response) => {
    const chunks: Buffer[] = [];
    request.on("error", () => {});
    response.on("error", () => {});
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const text = Buffer.concat(chunks).toString("utf8");
      const { headers, url = "" } = request;
      const visit = { path: url, headers, text, body: JSON.parse(text) };
      visits.push(visit);
      for (const each of waiting) if (visits.length >= each.count) each.resolve();
      answer(visit, response);
    });
  });
  return {
    url: `${server.http}/hook`,
    visits,
    answer(next) {
      answer = next;
    },
    visited: (count) =>
      new Promise((resolve) => {
        if (visits.length >= count) resolve();
        else waiting.push({ count, resolve });
      }),
  };
}
