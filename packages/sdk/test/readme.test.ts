import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import ts from "typescript";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { blocksIn } from "../../server/test/support/project/documents.ts";
import { signWebhook } from "../src/index.ts";
import { type Installed, installSdk } from "./support/installed.ts";

/** npm and a compiler, on cores that others use too. */
const LIMIT_MS = 120_000;
const README = readFileSync(join(import.meta.dirname, "../README.md"), "utf8");
const SNIPPETS = blocksIn(README, "ts");
const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const ENVIRONMENT = { CURLEW_API_KEY: "ck_secret", CURLEW_WEBHOOK_SECRET: SECRET };

/** As much of Express as the snippet uses: its own types and code are not ours to install. */
const EXPRESS_TYPES = `declare module "express" {
  import type { IncomingMessage, ServerResponse } from "node:http";
  type Request = IncomingMessage & { body: any };
  type Response = ServerResponse & { sendStatus(s: number): void; status(s: number): Response; send(b: string): void };
  type Raw = { isRaw: true };
  function express(): { post(path: string, raw: Raw, handle: (q: Request, a: Response) => void): void; listen(port: number): void };
  namespace express { function raw(options: { type: string }): Raw }
  export default express;
}`;
const EXPRESS = `
  import { createServer } from "node:http";
  const express = () => {
    let handle;
    return {
      post: (path, raw, handler) => { handle = handler; },
      listen: () => createServer(async (request, response) => {
        const parts = [];
        for await (const part of request) parts.push(part);
        request.body = Buffer.concat(parts);
        response.status = (code) => Object.assign(response, { statusCode: code });
        response.send = (text) => response.end(text);
        response.sendStatus = (code) => response.status(code).end();
        await handle(request, response);
      }).listen(0, "127.0.0.1", function () { console.log(this.address().port); }),
    };
  };
  express.raw = () => ({});
  export default express;`;

let shop: Installed;

beforeAll(async () => {
  shop = await installSdk();
  shop.write("node_modules/express/index.js", EXPRESS);
  shop.write("node_modules/express/package.json", '{"type":"module","exports":"./index.js"}');
  shop.write("express.d.ts", EXPRESS_TYPES);
}, LIMIT_MS);
afterAll(() => shop.remove());

test(
  "every snippet of the readme can be copied into a strict project",
  async () => {
    expect(SNIPPETS.length).toBeGreaterThan(6);
    const files = SNIPPETS.map((snippet, at) => {
      const lines = ['/// <reference path="./express.d.ts" />', snippet, "export {};"];
      shop.write(`snippet-${at}.mts`, lines.join("\n"));
      return `snippet-${at}.mts`;
    });
    const options = ["--module", "nodenext", "--noUncheckedIndexedAccess"];
    expect(await shop.check(files, options)).toBe("");
  },
  LIMIT_MS,
);

test(
  "the snippets that ask a server say what it answers",
  async () => {
    const url = await startCurlew();
    const outputs: string[] = [];
    for (const [at, snippet] of SNIPPETS.entries()) {
      if (!snippet.includes("new CurlewClient")) continue;
      const once = snippet.replace("console.log(event.id, event.type);", "$& break;");
      outputs.push(await runSnippet(at, once.replace("https://curlew.example.com", url)));
    }
    expect(outputs).toEqual([
      "msg_1 sent\n",
      "evt_1 message.received\n",
      "dlv_1 HTTP 500\n1 null\n",
      "This customer wants no messages.\n",
    ]);
  },
  LIMIT_MS,
);

test(
  "the snippets that receive take what is signed, and nothing else",
  async () => {
    const [onRequest = "", inExpress = "", signs = "", typed = ""] = SNIPPETS.filter((snippet) =>
      snippet.includes("verifyWebhook"),
    );
    const [data, headers] = await signed("order.shipped", { order: "A-1" });
    const call = `
      const given = () => new Request("https://a.example", ${JSON.stringify({ method: "POST", body: data, headers })});
      const forged = new Request(given(), { headers: { ...${JSON.stringify(headers)}, "webhook-id": "evt_2" } });`;
    expect(
      await runSnippet(
        "request",
        `${onRequest}${call}
        console.log((await POST(given())).status, (await POST(forged)).status);`,
      ),
    ).toBe("204 401\n");
    expect(
      await runSnippet(
        "typed",
        `${typed}${call} console.log(await received(given(), {} as CurlewClient));`,
      ),
    ).toBe("A-1\n");
    expect(await runSnippet("signs", signs)).toBe("evt_1\n");
    expect(
      await runSnippet(
        "express",
        `${inExpress}
        const { log } = console;
        const port = await new Promise<string>((told) => { console.log = told; });
        console.log = log;
        const send = (headers: object) => fetch("http://127.0.0.1:" + port, { method: "POST", body: ${JSON.stringify(data)}, headers: { ...headers } });
        console.log((await send(${JSON.stringify(headers)})).status, (await send({})).status);
        process.exit();`,
      ),
    ).toBe("evt_1 order.shipped\n204 401\n");
  },
  LIMIT_MS,
);

async function signed(type: string, data: object): Promise<[body: string, headers: object]> {
  const payload = JSON.stringify({ id: "evt_1", type, data });
  const timestamp = new Date();
  return [payload, await signWebhook({ id: "evt_1", timestamp, payload, secret: SECRET })];
}

/** Runs a snippet as JavaScript, and answers what it printed. */
async function runSnippet(name: string | number, snippet: string): Promise<string> {
  const { outputText } = ts.transpileModule(snippet, {
    compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 },
  });
  shop.write(`run-${name}.mjs`, outputText);
  return shop.run([`run-${name}.mjs`], ENVIRONMENT);
}

/** A server that answers what the snippets ask for, each thing once; it ends with the test. */
async function startCurlew(): Promise<string> {
  const page = (item: object) => ({ data: [item], has_more: false, next_cursor: null });
  const answers: Record<string, [status: number, body: object][]> = {
    "POST /v1/send": [
      [200, { id: "msg_1", status: "sent" }],
      [422, { code: "opted_out", detail: "This customer wants no messages." }],
    ],
    "GET /v1/dead-letters": [[200, page({ id: "dlv_1", last_error: "HTTP 500" })]],
    "GET /v1/endpoints": [[200, page({ id: "ep_1" })]],
  };
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "", "http://a.example");
    if (pathname === "/v1/stream") return tell(response);
    const [status, body] = answers[`${request.method} ${pathname}`]?.shift() ?? [500, {}];
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  });
  onTestFinished(() => void server.close());
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo; // it listens on a port
  return `http://127.0.0.1:${port}`;
}

/** One event, which is enough. */
function tell(response: ServerResponse): void {
  response.end('id: evt_1\ndata: {"id":"evt_1","type":"message.received"}\n\n');
}
