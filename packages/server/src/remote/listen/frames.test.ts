import { expect, test } from "vitest";
import { type Frame, framesOf } from "./frames.ts";

async function framesIn(chunks: readonly Uint8Array[]): Promise<Frame[]> {
  const frames: Frame[] = [];
  for await (const frame of framesOf(each(chunks))) frames.push(frame);
  return frames;
}

async function* each(chunks: readonly Uint8Array[]) {
  yield* chunks;
}

const bytes = (text: string) => new TextEncoder().encode(text);
const STREAM = `retry: 2000\nid: evt_0\n\n: heartbeat\n\nid: evt_1\nevent: a.b\ndata: {"text":"für 5 €: ja"}\n\n`;
const FRAMES = [
  { id: "evt_0", event: null, data: null },
  { id: null, event: null, data: null },
  { id: "evt_1", event: "a.b", data: '{"text":"für 5 €: ja"}' },
];

test("frames are read however the network cuts them, within a character too", async () => {
  expect(await framesIn([bytes(STREAM)])).toEqual(FRAMES);
  expect(await framesIn([...bytes(STREAM)].map((byte) => Uint8Array.of(byte)))).toEqual(FRAMES);
});

test("what is cut off at the end is dropped", async () => {
  expect(await framesIn([bytes(`${STREAM}id: evt_2\ndata: {"half":`)])).toEqual(FRAMES);
});
