import type { Shape } from "./client.ts";
import { asRefused, Refused, refusedBy } from "./problem.ts";
import { renewSession } from "./renewal.ts";
import { currentWorkspace } from "./workspace.ts";

export type UploadedFile = Shape<"UploadedFile">;

/** Brings a file to the server. `onShare` is told how much of it has left, from 0 to 1. Rejects with `Refused`. */
export async function uploadFile(
  file: File,
  { onShare, signal }: { onShare(share: number): void; signal: AbortSignal },
): Promise<UploadedFile> {
  const first = await post(file, onShare, signal);
  const answer =
    first.status === 401 && (await renewSession()) ? await post(file, onShare, signal) : first;
  const body: unknown = await answer.json().catch(() => null);
  if (!answer.ok) throw refusedBy(answer, body);
  return body as UploadedFile; // by the server's own description
}

/** `fetch` does not tell how far a body has come. */
function post(
  file: File,
  onShare: (share: number) => void,
  signal: AbortSignal,
): Promise<Response> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const lost = () => reject(asRefused(new TypeError("no answer")));
    const givenUp = () => reject(new Refused({ status: 0, code: "given_up", detail: "" }));
    request.open("POST", `/v1/media?filename=${encodeURIComponent(nameOf(file))}`);
    request.setRequestHeader("content-type", file.type || "application/octet-stream");
    const workspace = currentWorkspace();
    if (workspace !== null) request.setRequestHeader("curlew-workspace", workspace);
    request.upload.addEventListener("progress", ({ loaded }) => onShare(loaded / (file.size || 1)));
    request.addEventListener("load", () => {
      const headers = { "x-request-id": request.getResponseHeader("x-request-id") ?? "" };
      resolve(new Response(request.responseText, { status: request.status, headers }));
    });
    request.addEventListener("error", lost);
    request.addEventListener("abort", givenUp);
    if (signal.aborted) return givenUp();
    signal.addEventListener("abort", () => request.abort());
    request.send(file);
  });
}

/** As the server takes names. */
function nameOf({ name }: File): string {
  const plain = name.replace(/[\p{Cc}/\\]/gu, "_");
  return plain === "" ? "file" : plain.slice(-240);
}
