import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { answerUnder, type Outcome } from "./answering.ts";
import type { Clock } from "./clock.ts";
import type { ControlRouter } from "./control-router.ts";
import type { Faults, FaultTarget } from "./faults.ts";
import { GraphError } from "./graph-error.ts";
import type { Answer, GraphRequest } from "./graph-request.ts";
import { escapedJson, isObject, parseJson } from "./json.ts";
import { maskedHeaders, maskedQuery, type RequestLog } from "./request-log.ts";

const MAX_BODY_BYTES = 110_000_000;

export interface ServerDeps {
  graph: (request: GraphRequest) => Promise<Answer>;
  control: ControlRouter;
  faults: Faults;
  log: RequestLog;
  clock: Clock;
  /** Keeps track of work that goes on, also after its answer. */
  background: (work: Promise<unknown>) => void;
}

/** The HTTP face: `/_control/…` for whoever plays, everything else for the Graph API. */
export function createHttpServer(deps: ServerDeps): Server {
  const server = createServer((request, response) => {
    const target = `http://simulator${request.url ?? "/"}`;
    const url = new URL(URL.canParse(target) ? target : "http://simulator/");
    const isCommand = url.pathname.startsWith("/_control");
    const handled = isCommand
      ? answerControl(deps.control, request, response, url)
      : answerGraph(deps, request, response, url);
    const settled = handled.catch((error: unknown) => {
      if (response.headersSent) return void response.destroy();
      const reason = error instanceof Error ? error.message : String(error);
      write(response, 500, { error: `The simulator itself failed: ${reason}` });
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

async function answerGraph(
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
  const subject = {
    target: targetOf(method, segments),
    phoneNumberId: segments[0] ?? null,
    to: null,
  };
  if (deps.faults.takeClose(subject)) {
    recorded.ending = "closed_unread";
    request.socket.destroy();
    return;
  }
  const body = await readBody(request);
  const parsed = parseJson(body.toString("utf8"));
  recorded.body = parsed ?? body.toString("utf8").slice(0, 10_000);
  const json = isObject(parsed) ? parsed : {};
  const isRead = subject.target === "send" && "status" in json;
  const fault = deps.faults.takeAnswer({
    ...subject,
    target: isRead ? "read" : subject.target,
    to: String(json["to"] ?? json["recipient"] ?? ""),
  });
  const origin = `http://${request.headers.host ?? "127.0.0.1"}`;
  const { headers } = request;
  const graphRequest = { method, segments, query: url.searchParams, headers, body, origin };
  const outcome = await answerUnder(fault, () => deps.graph(graphRequest), deps.clock).catch(
    refusal,
  );
  recorded.ending = outcome.ending;
  recorded.status = outcome.answer.status;
  await finish(response, outcome);
  await outcome.answer.after?.();
}

/** A refusal is an answer; anything else is a fault of the simulator. */
function refusal(error: unknown): Outcome {
  if (!(error instanceof GraphError)) throw error;
  return { answer: { status: error.status, body: error.body }, ending: "answered" };
}

/** Resolves when the answer has left, or when it is certain that it never will. */
async function finish(response: ServerResponse, { answer, ending }: Outcome): Promise<void> {
  if (ending === "dropped") response.socket?.destroy();
  if (ending === "cut") writeHalf(response, answer);
  // The caller may have gone away while it waited; what follows the answer happens all the same.
  if (ending !== "answered" || response.destroyed) return;
  const left = new Promise((resolve) => response.once("close", resolve));
  write(response, answer.status, answer.body, answer.contentType);
  await left;
}

function write(
  response: ServerResponse,
  status: number,
  body: Answer["body"],
  contentType = "application/json; charset=UTF-8",
): void {
  const bytes = Buffer.isBuffer(body) ? body : Buffer.from(escapedJson(body));
  response.writeHead(status, { "content-type": contentType, "content-length": bytes.length });
  response.end(bytes);
}

function writeHalf(response: ServerResponse, { status, body }: Answer): void {
  const whole = Buffer.isBuffer(body) ? body : Buffer.from(escapedJson(body));
  response.writeHead(status, {
    "content-type": "application/json; charset=UTF-8",
    "content-length": whole.length,
  });
  response.write(whole.subarray(0, whole.length / 2), () => response.socket?.destroy());
}

function targetOf(method: string, segments: readonly string[]): FaultTarget {
  if (method === "POST" && segments[1] === "messages") return "send";
  const isMedia = segments[1] === "media" || segments[0] === "whatsapp_business";
  return isMedia ? "media" : "management";
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
