/** A piece of a stream of server-sent events. */
export interface Frame {
  id: string | null;
  event: string | null;
  data: string | null;
}

/** Cuts what comes into frames. Text that is not whole when the stream ends is dropped: it comes again. */
export async function* framesOf(
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<Frame, void, undefined> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of chunks) {
    text += decoder.decode(chunk, { stream: true });
    const frames = text.split("\n\n");
    text = frames.pop() ?? "";
    for (const frame of frames) yield readFrame(frame);
  }
}

function readFrame(text: string): Frame {
  const frame: Frame = { id: null, event: null, data: null };
  for (const line of text.split("\n")) {
    const colon = line.indexOf(": ");
    const field = colon === -1 ? "" : line.slice(0, colon);
    if (field === "id" || field === "event" || field === "data")
      frame[field] = line.slice(colon + 2);
  }
  return frame;
}
