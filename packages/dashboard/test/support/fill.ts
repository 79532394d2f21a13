import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import type { ServerProcess } from "../../../server/test/support/processes/server-process.ts";

/** A request of the API that a test stands on: what is refused ends it. Gives the answer's body. */
export async function must(
  server: ServerProcess,
  method: string,
  path: string,
  body?: unknown,
  // biome-ignore lint/suspicious/noExplicitAny: each test says which fields it expects
): Promise<any> {
  const answer = await server.call(method, path, body);
  if (answer.status >= 400) throw new Error(`${method} ${path}: ${JSON.stringify(answer.body)}`);
  return answer.body;
}

export interface Received {
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
}

export interface Receiver {
  url: string;
  requests: Received[];
  close(): Promise<void>;
}

/** A server of a customer on this machine: answers what `answer` says to a path, else 200. */
export async function openReceiver(
  answer: (path: string, request: Received) => number | Promise<number> = () => 200,
): Promise<Receiver> {
  const requests: Receiver["requests"] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    const take = async () => {
      const { headers, url: path = "/" } = request;
      const received = { path, headers, body: Buffer.concat(chunks).toString("utf8") };
      requests.push(received);
      const status = await answer(path, received);
      response.writeHead(status, { "content-type": "application/json" });
      response.end(JSON.stringify(status < 300 ? { ok: true } : { error: "not now" }));
    };
    request.on("end", () => void take());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    close: () => new Promise((resolve) => void server.close(() => resolve())),
  };
}
