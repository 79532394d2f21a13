import type { MovableClock } from "./clock.ts";
import { ControlError, type Fields, fieldsOf } from "./control/input.ts";
import type { ControlCommands } from "./control/router.ts";
import type { Faults } from "./http/faults.ts";
import type { RequestLog } from "./http/request-log.ts";
import type { Callbacks } from "./meta/callbacks.ts";
import type { Deliveries } from "./meta/deliveries.ts";
import { type Emission, type Emissions, readEmissionOptions } from "./meta/emissions.ts";
import type { Media } from "./meta/media.ts";
import type { Tokens } from "./meta/tokens.ts";

export interface ControlDeps {
  tokens: Tokens;
  media: Media;
  callbacks: Callbacks;
  emissions: Emissions;
  deliveries: Deliveries;
  faults: Faults;
  log: RequestLog;
  clock: MovableClock;
  verifyToken: string;
  /** Where the simulator is reached. */
  origin: () => string;
  /** Resolves when nothing is under way any more. */
  idle: () => Promise<void>;
}

export type Controls = ReturnType<typeof createControls>;

/** Everything that can be commanded whoever's messages it is about, by HTTP and in process alike. */
export function createControls(deps: ControlDeps) {
  const { tokens, media, callbacks, emissions, deliveries, faults, log, clock, origin } = deps;

  return {
    emitRaw: async (input: unknown): Promise<Emission> => {
      const fields = fieldsOf(input, "raw");
      const options = readEmissionOptions(fields);
      const text = fields.text("body");
      const base64 = fields.text("base64");
      fields.done();
      if ((text === undefined) === (base64 === undefined)) {
        throw new ControlError('raw: give "body" (text) or "base64" (bytes).');
      }
      return emissions.emitRaw(
        Buffer.from(text ?? base64 ?? "", text === undefined ? "base64" : "utf8"),
        options,
      );
    },
    subscribe: async (input: unknown): Promise<{ verified: true; url: string }> => {
      const fields = fieldsOf(input, "subscribe");
      const url = fields.requiredText("url");
      const token = fields.text("verify_token") ?? deps.verifyToken;
      fields.done();
      const problem = await callbacks.verify(url, token);
      if (problem !== null) {
        throw new ControlError(
          `The callback URL or verify token couldn't be validated: ${problem}.`,
        );
      }
      callbacks.setAppUrl(url);
      return { verified: true, url };
    },
    addFaults: (input: unknown) => ({ faults: faults.add(Array.isArray(input) ? input : [input]) }),
    faults: () => ({ faults: faults.waiting() }),
    clearFaults: () => void faults.clear(),
    requests: () => ({ requests: log.all() }),
    clearRequests: () => log.clear(),
    posts: () => ({ posts: deliveries.all() }),
    tick: async () => ({ posts: await deliveries.tick() }),
    retryNow: async () => ({ posts: await deliveries.retryNow() }),
    idle: deps.idle,
    clock: () => shownTime(clock.now()),
    moveClock: async (input: unknown) => {
      const fields = fieldsOf(input, "clock");
      const byMs = fields.integer("advance_ms", { min: 0, max: 10 ** 12 });
      const to = fields.text("to");
      fields.done();
      clock.move(byMs ?? untilInstant(to, clock.now()));
      return { ...shownTime(clock.now()), posts: await deliveries.tick() };
    },
    setToken: (input: unknown) => tokens.put(input),
    addMedia: (input: unknown): { id: string; link: string } => {
      const fields = fieldsOf(input, "media");
      const mimeType = fields.requiredText("mime_type");
      const bytes = mediaBytes(fields);
      fields.done();
      const id = media.receive(mimeType, bytes, clock.now());
      return { id, link: `${origin()}${media.cdnPath(id, clock.now())}` };
    },
    reset: () => {
      for (const room of [deliveries, faults, log, media]) room.clear();
      tokens.reset();
      callbacks.reset();
      clock.reset();
    },
  };
}

function shownTime(now: number) {
  return { now: new Date(now).toISOString() };
}

function untilInstant(text: string | undefined, now: number): number {
  const at = Date.parse(text ?? "");
  if (at >= now) return at - now;
  throw new ControlError('clock: give "advance_ms", or "to": an instant that is still to come.');
}

function mediaBytes(fields: Fields): Buffer {
  const base64 = fields.text("base64");
  const text = fields.text("text");
  if (base64 === undefined && text === undefined) {
    throw new ControlError('media: give its bytes as "base64" or as "text".');
  }
  return base64 === undefined ? Buffer.from(text ?? "") : Buffer.from(base64, "base64");
}

/** The HTTP route of every control. */
export function controlCommands(controls: Controls): ControlCommands {
  return {
    "POST /_control/raw": controls.emitRaw,
    "POST /_control/subscribe": controls.subscribe,
    "POST /_control/faults": controls.addFaults,
    "GET /_control/faults": controls.faults,
    "DELETE /_control/faults": controls.clearFaults,
    "GET /_control/requests": controls.requests,
    "DELETE /_control/requests": controls.clearRequests,
    "GET /_control/posts": controls.posts,
    "POST /_control/tick": controls.tick,
    "POST /_control/retry-now": controls.retryNow,
    "GET /_control/idle": controls.idle,
    "GET /_control/clock": controls.clock,
    "POST /_control/clock": controls.moveClock,
    "POST /_control/tokens": controls.setToken,
    "POST /_control/media": controls.addMedia,
    "POST /_control/reset": controls.reset,
  };
}
