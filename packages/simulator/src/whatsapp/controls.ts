import type { Clock } from "../clock.ts";
import { ControlError, commandOf, fieldsOf } from "../control/input.ts";
import type { ControlCommands } from "../control/router.ts";
import { type Emission, readBatchOptions, readEmissionOptions } from "../meta/emissions.ts";
import type { Emitter } from "./emitter.ts";
import { createItemMaker, type ItemKind, type MadeItem } from "./items.ts";
import type { Sends } from "./sends.ts";
import { changeSettings } from "./settings.ts";
import type { World } from "./world.ts";

export type WhatsAppControls = ReturnType<typeof createWhatsAppControls>;

/** Everything of WhatsApp that can be commanded, by HTTP and in process alike. */
export function createWhatsAppControls(deps: {
  world: World;
  sends: Sends;
  emitter: Emitter;
  clock: Clock;
}) {
  const { world, sends, emitter, clock } = deps;
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
    return emitter.emit(made, options);
  }

  return {
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
      return emitter.emit(made, options);
    },
    accepted: () => ({ messages: sends.all() }),
    clearAccepted: () => sends.clear(),
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
      sends.clear();
      world.reset();
    },
  };
}

export function whatsAppCommands(controls: WhatsAppControls): ControlCommands {
  return {
    "POST /_control/messages": controls.emitMessage,
    "POST /_control/statuses": controls.emitStatus,
    "POST /_control/echoes": controls.emitEcho,
    "POST /_control/changes": controls.emitChange,
    "POST /_control/batch": controls.emitBatch,
    "GET /_control/accepted": controls.accepted,
    "DELETE /_control/accepted": controls.clearAccepted,
    "GET /_control/settings": controls.settings,
    "POST /_control/settings": controls.configure,
    "POST /_control/numbers": controls.addNumber,
    "GET /_control/numbers": controls.numbers,
    "POST /_control/users": controls.putUser,
    "POST /_control/templates": controls.putTemplate,
    "POST /_control/window": controls.setWindow,
  };
}
