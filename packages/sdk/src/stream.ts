import { CurlewError, errorOf } from "./curlew-error.ts";
import type { WebhookEvent } from "./webhook-event.ts";

/** A piece of a stream of server-sent events. */
interface Frame {
  id: string | null;
  data: string | null;
  retryMs: number | null;
}

/** How a stream is opened: after an event's id, or from where the query says. */
export type OpenStream = (lastEventId: string | null, signal?: AbortSignal) => Promise<Response>;

const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 30_000;

/**
 * The events of a stream, which is opened anew after the last event whenever it ends. Ends when the
 * signal is aborted; rejects when the server refuses.
 */
export async function* followStream(
  open: OpenStream,
  signal?: AbortSignal,
): AsyncGenerator<WebhookEvent, void, undefined> {
  let lastId: string | null = null;
  let waitMs = FIRST_WAIT_MS;
  let comeBackMs = FIRST_WAIT_MS;
  while (!signal?.aborted) {
    try {
      const response = await open(lastId, signal);
      if (!response.ok) throw await errorOf(response);
      for await (const frame of framesOf(response)) {
        waitMs = FIRST_WAIT_MS;
        if (frame.retryMs !== null) comeBackMs = frame.retryMs;
        if (frame.data !== null) {
          // The data of an event is its native body, as the server's description promises.
          yield JSON.parse(frame.data) as WebhookEvent;
        }
        if (frame.id !== null) lastId = frame.id;
      }
      await pause(comeBackMs, signal);
    } catch (error) {
      if (signal?.aborted) return;
      if (error instanceof CurlewError && error.status !== null && error.status < 500) throw error;
      await pause(waitMs, signal);
      waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS);
    }
  }
}

async function* framesOf(response: Response): AsyncGenerator<Frame, void, undefined> {
  const reader = response.body?.getReader();
  if (!reader) return;
  const decoder = new TextDecoder();
  let text = "";
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      text += decoder.decode(value, { stream: true });
      const frames = text.split("\n\n");
      text = frames.pop() ?? "";
      for (const frame of frames) yield readFrame(frame);
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}

function readFrame(text: string): Frame {
  const frame: Frame = { id: null, data: null, retryMs: null };
  for (const line of text.split("\n")) {
    const colon = line.indexOf(":");
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "id") frame.id = value;
    else if (field === "data") frame.data = frame.data === null ? value : `${frame.data}\n${value}`;
    else if (field === "retry" && /^\d+$/.test(value)) frame.retryMs = Number(value);
  }
  return frame;
}

function pause(ms: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const over = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", over);
      resolve();
    };
    // oxlint-disable-next-line no-restricted-globals -- it runs in browsers and has no clock of ours
    const timer = setTimeout(over, ms);
    signal?.addEventListener("abort", over);
  });
}
