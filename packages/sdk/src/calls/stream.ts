import type { WebhookEvent } from "../webhooks/webhook-event.ts";
import { CurlewError } from "./curlew-error.ts";
import { createDeadline } from "./deadline.ts";
import { type Pause, pause as realPause } from "./pause.ts";

/** A piece of a stream of server-sent events. */
interface Frame {
  id: string | null;
  data: string | null;
  retryMs: number | null;
}

/** How a stream is opened: after an event's id, or from where the query says. */
export type OpenStream = (lastEventId: string | null, signal: AbortSignal) => Promise<Response>;

const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 30_000;
/** The server sends something every fifteen seconds; a line that has died says nothing of it. */
const SILENT_MS = 40_000;

/**
 * The events of a stream, which is opened anew after the last event whenever it ends or falls silent.
 * Ends when the signal is aborted; rejects when the server refuses.
 */
export async function* followStream(
  open: OpenStream,
  signal?: AbortSignal,
  { pause, silentMs }: { pause: Pause; silentMs: number } = {
    pause: realPause,
    silentMs: SILENT_MS,
  },
): AsyncGenerator<WebhookEvent, void, undefined> {
  let lastId: string | null = null;
  let waitMs = FIRST_WAIT_MS;
  let comeBackMs = FIRST_WAIT_MS;
  while (!signal?.aborted) {
    const silence = createDeadline(silentMs, signal);
    try {
      const response = await open(lastId, silence.signal);
      for await (const frame of framesOf(response, silence.putOff)) {
        waitMs = FIRST_WAIT_MS;
        if (frame.retryMs !== null) comeBackMs = frame.retryMs;
        if (frame.data !== null) {
          // Whoever takes an event may take their time.
          silence.hold();
          // The data of an event is its native body, as the server's description promises.
          yield JSON.parse(frame.data) as WebhookEvent;
          if (signal?.aborted) return;
          silence.putOff();
        }
        if (frame.id !== null) lastId = frame.id;
      }
      await pause(comeBackMs, signal);
    } catch (error) {
      if (signal?.aborted) return;
      if (isFinal(error)) throw error;
      const askedMs = error instanceof CurlewError ? (error.retryAfterS ?? 0) * 1000 : 0;
      await pause(Math.max(waitMs, askedMs), signal);
      waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS);
    } finally {
      silence.clear();
    }
  }
}

/** To ask again would change nothing. */
function isFinal(error: unknown): boolean {
  if (!(error instanceof CurlewError)) return false;
  const { status, code } = error;
  return status === null ? code === "unexpected_answer" : status < 500 && status !== 429;
}

async function* framesOf(
  response: Response,
  onPiece: () => void,
): AsyncGenerator<Frame, void, undefined> {
  const reader = response.body?.getReader();
  if (!reader) return;
  const decoder = new TextDecoder();
  let text = "";
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      onPiece();
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
