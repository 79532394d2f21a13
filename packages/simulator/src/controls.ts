import type { Callbacks } from "./callbacks.ts";
import type { MovableClock } from "./clock.ts";
import { ControlError, commandOf, type Fields, fieldsOf } from "./control-input.ts";
import type { ControlCommands } from "./control-router.ts";
import type { Deliveries } from "./deliveries.ts";
import {
  type Emission,
  type Emissions,
  readBatchOptions,
  readEmissionOptions,
} from "./emissions.ts";
import type { Faults } from "./faults.ts";
import { createItemMaker, type ItemKind, type MadeItem } from "./items.ts";
import type { RequestLog } from "./request-log.ts";
import type { Sends } from "./sends.ts";
import { changeSettings } from "./settings.ts";
import type { World } from "./world.ts";

export interface ControlDeps {
  world: World;
  sends: Sends;
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

/** Everything that can be commanded, by HTTP and in process alike. */
export function createControls(deps: ControlDeps) {
  const { world, sends, callbacks, emissions, deliveries, faults, log, clock, origin } = deps;
  const items = createItemMaker(world, sends, () => clock.now());

  function noteSent(made: readonly MadeItem[]): void {
    for (const { sent } of made) {
      if (sent) sends.find(sent.send)?.message.statuses.push(sent.status);
    }
  }

  async function emitOne(kind: ItemKind, input: unknown): Promise<Emission> {
    const fields = fieldsOf(input, commandOf(kind));
    const options = readEmissionOptions(fields);
    const made = [items.make(kind, fields)];
    noteSent(made);
    return emissions.emit(made, options);
  }

  const controls = {
    emitMessage: (input: unknown) => emitOne("message", input),
    emitStatus: (input: unknown) => emitOne("status", input),
    emitEcho: (input: unknown) => emitOne("echo", input),
    emitChange: (input: unknown) => emitOne("change", input),
    emitBatch: async (input: unknown): Promise<Emission> => {
      const fields = fieldsOf(input, "batch");
      const options = readBatchOptions(fields);
      const list = fields.list("items");
      fields.done();
      if (!list) throw new ControlError('batch: give "items", a list of messages and statuses.');
      const made = items.makeEach(list);
      noteSent(made);
      return emissions.emit(made, options);
    },
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
    accepted: () => ({ messages: sends.all() }),
    clearAccepted: () => sends.clear(),
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
    settings: () => world.settings,
    configure: (input: unknown) => {
      world.settings = changeSettings(world.settings, input);
      return world.settings;
    },
    addNumber: (input: unknown) => world.numbers.put(input),
    numbers: () => ({ numbers: world.numbers.all() }),
    putUser: (input: unknown) => world.people.put(input),
    putTemplate: (input: unknown) =>
      world.templates.put(input, world.numbers.meant(undefined).waba_id),
    setToken: (input: unknown) => world.tokens.put(input),
    addMedia: (input: unknown): { id: string; link: string } => {
      const fields = fieldsOf(input, "media");
      const mimeType = fields.requiredText("mime_type");
      const bytes = mediaBytes(fields);
      fields.done();
      const id = world.media.receive(mimeType, bytes, clock.now());
      return { id, link: `${origin()}${world.media.cdnPath(id, clock.now())}` };
    },
    setWindow: (input: unknown): { open: boolean } => {
      const fields = fieldsOf(input, "window");
      const number = world.numbers.meant(fields.text("phone_number_id"));
      const user = world.people.find(fields.text("from"), fields.text("user_id"));
      const isOpen = fields.flag("open") ?? true;
      fields.done();
      if (isOpen) world.windows.heard(number.phone_number_id, user, clock.now());
      else world.windows.close(number.phone_number_id, user);
      return { open: isOpen };
    },
    reset: () => {
      for (const room of [sends, deliveries, faults, log]) room.clear();
      world.reset();
      callbacks.reset();
      clock.reset();
    },
  };
  return controls;
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
    "POST /_control/messages": controls.emitMessage,
    "POST /_control/statuses": controls.emitStatus,
    "POST /_control/echoes": controls.emitEcho,
    "POST /_control/changes": controls.emitChange,
    "POST /_control/batch": controls.emitBatch,
    "POST /_control/raw": controls.emitRaw,
    "POST /_control/subscribe": controls.subscribe,
    "POST /_control/faults": controls.addFaults,
    "GET /_control/faults": controls.faults,
    "DELETE /_control/faults": controls.clearFaults,
    "GET /_control/requests": controls.requests,
    "DELETE /_control/requests": controls.clearRequests,
    "GET /_control/accepted": controls.accepted,
    "DELETE /_control/accepted": controls.clearAccepted,
    "GET /_control/posts": controls.posts,
    "POST /_control/tick": controls.tick,
    "POST /_control/retry-now": controls.retryNow,
    "GET /_control/idle": controls.idle,
    "GET /_control/clock": controls.clock,
    "POST /_control/clock": controls.moveClock,
    "GET /_control/settings": controls.settings,
    "POST /_control/settings": controls.configure,
    "POST /_control/numbers": controls.addNumber,
    "GET /_control/numbers": controls.numbers,
    "POST /_control/users": controls.putUser,
    "POST /_control/templates": controls.putTemplate,
    "POST /_control/tokens": controls.setToken,
    "POST /_control/media": controls.addMedia,
    "POST /_control/window": controls.setWindow,
    "POST /_control/reset": controls.reset,
  };
}
