import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Clock } from "../clock.ts";
import type { ControlRouter } from "../control/router.ts";
import { isObject } from "../json.ts";
import { answerUnder, type Outcome } from "./answering.ts";
import type { Answer, Api } from "./api-request.ts";
import type { Faults } from "./faults.ts";
import { Refusal } from "./refusal.ts";
import { maskedHeaders, maskedQuery, type RequestLog } from "./request-log.ts";

const MAX_BODY_BYTES = 110_000_000;

export interface ServerDeps {
  /** The first that owns a path answers it. */
  apis: readonly Api[];
  control: ControlRouter;
  faults: Faults;
  log: RequestLog;
  clock: Clock;
  /** Keeps track of work that goes on, also after its answer. */
  background: (work: Promise<unknown>) => void;
}

/** The HTTP face: `/_control/…` for whoever plays, everything else for the providers' APIs. */
export function createHttpServer(deps: ServerDeps): Server {
  const server = createServer((request, response) => {
    const target = `http://simulator${request.url ?? "/"}`;
    const url = new URL(URL.canParse(target) ? target : "http://simulator/");
    const isCommand = url.pathname.startsWith("/_control");
    const handled = isCommand
      ? answerControl(deps.control, request, response, url)
      : answerApi(deps, request, response, url);
    const settled = handled.catch((error: unknown) => {
      if (response.headersSent) return void response.destroy();
      const reason = error instanceof Error ? error.message : String(error);
      write(response, {
        status: 500,
        body: Buffer.from(JSON.stringify({ error: `The simulator itself failed: ${reason}` })),
      });
    });
    // Commands may wait for everything that is under way, so they are no part of it.
    if (!isCommand) deps.background(settled);
  });
  // A hanging answer is a fault to be had, not a mistake to be cleaned up.
  server.requestTimeout = 0;
  server.keepAliveTimeout = 60_000;
  return server;
}

async function answerControl(
  control: ControlRouter,
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
): Promise<void> {
  const text = (await readBody(request)).toString("utf8");
  const { status, body } = await control(request.method ?? "GET", url.pathname, text);
  response.writeHead(status, { "content-type": "application/json" });
  response.end(`${JSON.stringify(body, null, 2)}\n`);
}

async function answerApi(
  deps: ServerDeps,
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
): Promise<void> {
  const method = request.method ?? "GET";
  const parts = url.pathname.split("/").filter((part) => part !== "");
  const version = /^v\d+\.\d+$/.test(parts[0] ?? "") ? (parts.shift() ?? null) : null;
  const segments = parts.map((part) => decodePart(part));
  const recorded = deps.log.add({
    at: deps.clock.now(),
    method,
    path: `/${segments.join("/")}`,
    version,
    query: maskedQuery(url.searchParams),
    headers: maskedHeaders(request.headers),
    body: null,
    ending: null,
    status: null,
  });
  const api = deps.apis.find((each) => each.owns(segments));
  if (api === undefined) throw new Error(`nobody answers ${url.pathname}`);
  if (deps.faults.takeClose(api.subject({ method, segments, body: null }))) {
    recorded.ending = "closed_unread";
    request.socket.destroy();
    return;
  }
  const body = await readBody(request);
  const parsed = api.readBody(body);
  recorded.body = parsed ?? body.toString("utf8").slice(0, 10_000);
  const json = isObject(parsed) ? parsed : {};
  const fault = deps.faults.takeAnswer(api.subject({ method, segments, body: json }));
  const origin = `http://${request.headers.host ?? "127.0.0.1"}`;
  const { headers } = request;
  const apiRequest = { method, segments, query: url.searchParams, headers, body, origin };
  const outcome = await answerUnder(fault, {
    carryOut: () => api.answer(apiRequest),
    refuse: (asked) => api.refuse(asked),
    clock: deps.clock,
  }).catch(refusal);
  recorded.ending = outcome.ending;
  recorded.status = outcome.answer.status;
  await finish(response, outcome, (value) => api.write(value));
  await outcome.answer.after?.();
}

/** A refusal is an answer; anything else is a fault of the simulator. */
function refusal(error: unknown): Outcome {
  if (!(error instanceof Refusal)) throw error;
  return { answer: { status: error.status, body: error.body }, ending: "answered" };
}

/** Resolves when the answer has left, or when it is certain that it never will. */
async function finish(
  response: ServerResponse,
  { answer, ending }: Outcome,
  spell: Api["write"],
): Promise<void> {
  const { body } = answer;
  const written = { ...answer, body: Buffer.isBuffer(body) ? body : Buffer.from(spell(body)) };
  if (ending === "dropped") response.socket?.destroy();
  if (ending === "cut") writeHalf(response, written);
  // The caller may have gone away while it waited; what follows the answer happens all the same.
  if (ending !== "answered" || response.destroyed) return;
  const left = new Promise((resolve) => response.once("close", resolve));
  write(response, written);
  await left;
}

type Written = Omit<Answer, "body"> & { body: Buffer };

function headOf({ body, contentType = "application/json; charset=UTF-8", headers }: Written) {
  return { "content-type": contentType, "content-length": body.length, ...headers };
}

function write(response: ServerResponse, answer: Written): void {
  response.writeHead(answer.status, headOf(answer));
  response.end(answer.body);
}

function writeHalf(response: ServerResponse, answer: Written): void {
  response.writeHead(answer.status, headOf(answer));
  const half = answer.body.subarray(0, answer.body.length / 2);
  response.write(half, () => response.socket?.destroy());
}

function decodePart(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    const bytes = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
    length += bytes.length;
    if (length > MAX_BODY_BYTES) throw new Error(`a body of more than ${MAX_BODY_BYTES} bytes`);
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}
