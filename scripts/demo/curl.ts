import { jsonLines } from "./json-lines.ts";

/** A request that the demo makes, and that the reader can make with curl. */
export interface DemoRequest {
  method: "GET" | "POST";
  url: string;
  headers?: Readonly<Record<string, string>>;
  body?: object;
}

export interface DemoAnswer {
  status: number;
  /** Parsed where it is JSON, else text. */
  body: unknown;
}

const WIDTH = 88;
const INDENT = "  ";

/** The command line that makes this very request, for a POSIX shell. */
export function curlOf(request: DemoRequest): string {
  const { method, url, headers = {}, body } = request;
  const verb = method === "POST" && body === undefined ? ["-X POST"] : [];
  const parts = [
    ["curl -s", ...verb, quoted(url)].join(" "),
    ...Object.entries(headers).map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`),
    ...(body === undefined ? [] : [`-d ${quoted(textOf(body))}`]),
  ];
  return parts.join(` \\\n${INDENT}`);
}

/** Makes the request. Rejects when there is no answer. */
export async function perform(request: DemoRequest): Promise<DemoAnswer> {
  const { method, url, headers = {}, body } = request;
  const response = await fetch(url, {
    method,
    headers: { ...headers },
    ...(body === undefined ? {} : { body: textOf(body) }),
  });
  const text = await response.text();
  const isJson = /json/.test(response.headers.get("content-type") ?? "");
  return { status: response.status, body: isJson && text !== "" ? JSON.parse(text) : text };
}

function textOf(body: object): string {
  return jsonLines(body, WIDTH).join(`\n${INDENT}`);
}

/** As one word of a shell: as it is where nothing in it means anything there, else in quotes. */
function quoted(text: string): string {
  return /^[\w:/.,@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
