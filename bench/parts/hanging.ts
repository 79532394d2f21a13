import { mkdirSync } from "node:fs";
import type { LoadApi } from "../children/load.ts";
import { startChild } from "../children/remote.ts";
import { sleep } from "../clock.ts";
import { startGateway } from "../gateway/gateway.ts";
import { makeEndpoints, type Receiver, setStage, urlOf } from "../gateway/stage.ts";
import type { Options } from "../options.ts";
import { EVENT_BYTES } from "./end-to-end.ts";

const ENDPOINTS = 50;
/** One in ten. */
const HANGING = Array.from({ length: ENDPOINTS / 10 }, (_, at) => at * 10);
const RAMP_MS = 2_000;
/** A request hangs until its endpoint's time limit of 15 s is over; then the next one tries. */
const RECOVERY_MS = 18_000;

export interface Hanging {
  origins: "own" | "shared";
  /** Deliveries a second to the endpoints that answer: before, meanwhile and, if looked at, afterwards. */
  before: number;
  meanwhile: number;
  after: number | null;
  /** What remains of the mean of before and after. */
  share: number;
}

/** How much the endpoints that answer still get when one in ten takes requests and says nothing. */
export async function measureHanging(o: {
  options: Options;
  receiver: Receiver;
  /** One for each endpoint, or a single one for all. */
  ports: readonly number[];
  scratch: string;
  databaseUrl: string | null;
  say(text: string): void;
}): Promise<Hanging> {
  const { options, receiver, ports } = o;
  mkdirSync(o.scratch, { recursive: true });
  const gateway = await startGateway(o);
  const load = startChild<LoadApi>("load.ts");
  try {
    const stage = await setStage(gateway);
    const urls = Array.from({ length: ENDPOINTS }, (_, at) =>
      urlOf(ports[at % ports.length] ?? 0, at),
    );
    const endpoints = await makeEndpoints(gateway, urls, (at) => at);
    const secrets = endpoints.map(({ secret }) => secret);
    await receiver.ask.expect({ isRecording: false, secrets });
    await load.ask.prepare({ ...stage, url: gateway.url, groups: ENDPOINTS, bytes: EVENT_BYTES });
    await load.ask.start({ connections: options.connections, perSecond: null });

    await sleep(options.warmUpSeconds * 1000);

    const window = async () => {
      await sleep(RAMP_MS);
      const from = await goodOnes(receiver);
      await sleep(options.seconds * 1000);
      const to = await goodOnes(receiver);
      return ((to.count - from.count) * 1000) / (to.at - from.at);
    };
    const before = await window();
    await receiver.ask.hang(HANGING);
    const meanwhile = await window();
    await receiver.ask.hang([]);
    const after = options.isQuick ? null : await afterRecovery(window);
    const origins = ports.length === 1 ? "shared" : "own";
    const share = meanwhile / ((before + (after ?? before)) / 2);
    o.say(`one in ten hangs, ${origins} origins: ${Math.round(share * 100)} % remains`);
    return { origins, before, meanwhile, after, share };
  } finally {
    await receiver.ask.hang([]);
    await load.end();
    await gateway.stop();
  }
}

async function afterRecovery(window: () => Promise<number>): Promise<number> {
  await sleep(RECOVERY_MS);
  return window();
}

async function goodOnes(receiver: Receiver): Promise<{ at: number; count: number }> {
  const { at, counts } = await receiver.ask.countEach(ENDPOINTS);
  let count = 0;
  for (const [endpoint, each] of counts.entries()) if (!HANGING.includes(endpoint)) count += each;
  return { at, count };
}
