import type { Clock } from "../clock.ts";
import { ControlError, commandOf, fieldsOf } from "../control/input.ts";
import type { ControlCommands } from "../control/router.ts";
import { type Emission, readBatchOptions, readEmissionOptions } from "../meta/emissions.ts";
import type { SocialEmitter } from "./emitter.ts";
import type { MadeSocialItem, SocialKind } from "./items.ts";
import type { SocialSends } from "./sends.ts";
import { changeSocialSettings } from "./settings.ts";
import type { SocialWorld } from "./world.ts";

export type SocialControls = ReturnType<typeof createSocialControls>;

/** Everything of Pages and Instagram accounts that can be commanded, by HTTP and in process alike. */
export function createSocialControls(deps: {
  world: SocialWorld;
  sends: SocialSends;
  emit: SocialEmitter;
  make: (kind: SocialKind, input: ReturnType<typeof fieldsOf>) => MadeSocialItem;
  makeEach: (items: readonly unknown[]) => MadeSocialItem[];
  clock: Clock;
}) {
  const { world, sends, emit, make, makeEach, clock } = deps;

  async function emitOne(kind: SocialKind, input: unknown): Promise<Emission> {
    const fields = fieldsOf(input, `social ${commandOf(kind)}`);
    const options = readEmissionOptions(fields);
    return emit([make(kind, fields)], options);
  }

  return {
    emitMessage: (input: unknown) => emitOne("message", input),
    emitEvent: (input: unknown) => emitOne("event", input),
    emitEcho: (input: unknown) => emitOne("echo", input),
    emitComment: (input: unknown) => emitOne("comment", input),
    emitBatch: async (input: unknown): Promise<Emission> => {
      const fields = fieldsOf(input, "social batch");
      const options = readBatchOptions(fields);
      const list = fields.list("items");
      fields.done();
      if (!list)
        throw new ControlError('social batch: give "items", a list of messages and events.');
      return emit(makeEach(list), options);
    },
    putAccount: (input: unknown) => world.accounts.put(input),
    accounts: () => ({ accounts: world.accounts.all() }),
    putPerson: (input: unknown) => world.people.put(input),
    settings: () => world.settings,
    configure: (input: unknown) => {
      world.settings = changeSocialSettings(world.settings, input);
      return world.settings;
    },
    /** Messages that were accepted for sending. */
    accepted: () => ({ messages: sends.all() }),
    /** Typing, seen, reactions: what was sent and is no message. */
    actions: () => ({ actions: sends.actions() }),
    /** Opens or closes somebody's 24 h window without a message. */
    setWindow: (input: unknown): { open: boolean } => {
      const fields = fieldsOf(input, "social window");
      const account = world.accounts.meant(fields.text("to"));
      const from = fields.requiredText("from");
      const isOpen = fields.flag("open") ?? true;
      fields.done();
      if (isOpen) world.people.heard(account.id, from, clock.now());
      else world.people.forgetWindow(account.id, from);
      return { open: isOpen };
    },
    reset: () => {
      sends.clear();
      world.reset();
    },
  };
}

export function socialCommands(controls: SocialControls): ControlCommands {
  return {
    "POST /_control/social/messages": controls.emitMessage,
    "POST /_control/social/events": controls.emitEvent,
    "POST /_control/social/echoes": controls.emitEcho,
    "POST /_control/social/comments": controls.emitComment,
    "POST /_control/social/batch": controls.emitBatch,
    "POST /_control/social/accounts": controls.putAccount,
    "GET /_control/social/accounts": controls.accounts,
    "POST /_control/social/people": controls.putPerson,
    "GET /_control/social/settings": controls.settings,
    "POST /_control/social/settings": controls.configure,
    "GET /_control/social/accepted": controls.accepted,
    "GET /_control/social/actions": controls.actions,
    "POST /_control/social/window": controls.setWindow,
  };
}
