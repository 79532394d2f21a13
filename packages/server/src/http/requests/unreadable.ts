import { maxHeaderSize, type Server, type ServerResponse, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { CurlewError } from "../../core/errors.ts";
import { problemAnswer } from "../problems/problem.ts";
import { requestIdOf } from "./request-log.ts";

/**
 * Answers what is no HTTP, or comes too slowly: no request comes of it, and Node alone would answer without a
 * word. Whatever the connection holds afterwards is not read.
 */
export function answerUnreadable(server: Server, newId: () => string): void {
  server.on("clientError", (error: Error & { code?: string }, socket) => {
    if (socket.writable && !isBeingAnswered(socket)) socket.write(answerTo(error.code, newId));
    socket.destroy(error);
  });
}

function answerTo(code: string | undefined, newId: () => string): string {
  const requestId = requestIdOf(undefined, newId);
  const { status, headers, body } = problemAnswer(refusalOf(code), requestId);
  const fields = {
    ...headers,
    "x-request-id": requestId,
    "content-length": Buffer.byteLength(body),
    connection: "close",
  };
  const head = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${head.join("")}\r\n${body}`;
}

/** `code` is one of llhttp's (`HPE_…`), or Node's. */
function refusalOf(code: string | undefined): CurlewError {
  switch (code) {
    case "HPE_HEADER_OVERFLOW":
      return new CurlewError(
        "headers_too_large",
        `The headers have more than ${maxHeaderSize / 1024} KiB.`,
      );
    case "HPE_CHUNK_EXTENSIONS_OVERFLOW":
      return new CurlewError("body_too_large", "The extensions of a chunk are too long.");
    case "ERR_HTTP_REQUEST_TIMEOUT":
      return new CurlewError("request_timeout", "The request did not come whole in time.");
    default:
      return new CurlewError(
        "malformed_request",
        "What came is no HTTP/1.1 request that can be read. Is it HTTPS, sent to a port that takes HTTP?",
      );
  }
}

/** Its answer has begun, and a second one would be read as a part of it. Node keeps it where its own answer looks. */
function isBeingAnswered(socket: Duplex): boolean {
  const { _httpMessage: answer } = socket as Duplex & { _httpMessage?: ServerResponse | null };
  return answer?.headersSent === true;
}
