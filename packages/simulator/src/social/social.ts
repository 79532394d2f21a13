import type { Clock } from "../clock.ts";
import type { Callbacks } from "../meta/callbacks.ts";
import type { BatchOptions, Emission, EmissionOptions, Emissions } from "../meta/emissions.ts";
import type { SocialAccount, SocialAccountInput } from "./accounts.ts";
import { createSocialControls } from "./controls.ts";
import { createSocialEmitter } from "./emitter.ts";
import { createSocialGraph } from "./graph.ts";
import {
  createSocialItems,
  type SocialBatchItem,
  type SocialCommentInput,
  type SocialEchoInput,
  type SocialEventInput,
  type SocialMessageInput,
} from "./items.ts";
import type { SocialPerson, SocialPersonInput } from "./people.ts";
import { type AcceptedSocialMessage, createSocialSends, type SocialSend } from "./sends.ts";
import type { SocialSettings, SocialSettingsInput } from "./settings.ts";
import { createSocialWorld } from "./world.ts";

/** Messenger and Instagram. Every method is also a route below `/_control/social`, with the same JSON. */
export interface SocialSimulator {
  emitMessage(input: SocialMessageInput & EmissionOptions): Promise<Emission>;
  emitEvent(input: SocialEventInput & EmissionOptions): Promise<Emission>;
  emitEcho(input: SocialEchoInput & EmissionOptions): Promise<Emission>;
  emitComment(input: SocialCommentInput & EmissionOptions): Promise<Emission>;
  emitBatch(input: { items: readonly SocialBatchItem[] } & BatchOptions): Promise<Emission>;
  putAccount(input: SocialAccountInput): SocialAccount;
  accounts(): { accounts: SocialAccount[] };
  putPerson(input: SocialPersonInput): SocialPerson;
  settings(): SocialSettings;
  configure(input: SocialSettingsInput): SocialSettings;
  accepted(): { messages: AcceptedSocialMessage[] };
  actions(): {
    actions: { account_id: string; recipient_id: string; action: string; at: number }[];
  };
  setWindow(input: { from: string; to?: string; open?: boolean }): { open: boolean };
}

/** The half of Meta that has Pages and Instagram accounts. */
export function createSocial(given: { clock: Clock; callbacks: Callbacks; emissions: Emissions }) {
  const { clock, callbacks, emissions } = given;
  const now = () => clock.now();
  const world = createSocialWorld(now);
  const sends = createSocialSends(world, clock);
  const items = createSocialItems(world, sends, now);
  const emit = createSocialEmitter({ callbacks, emissions, now });

  /** What follows an accepted message by itself. */
  async function play({ message, account }: SocialSend): Promise<void> {
    const { echoes, deliveries, reads, duplicate, delay_ms } = world.settings;
    if (!callbacks.reaches(account.override)) return;
    const follows = [
      ...(echoes === "off" ? [] : (["echo"] as const)),
      ...(deliveries && account.kind === "page" ? (["delivery"] as const) : []),
      ...(reads ? (["read"] as const) : []),
    ];
    for (const what of follows) {
      const made = what === "echo" ? items.echoOf(message.id) : items.receiptOf(message.id, what);
      if (!made) continue;
      if (delay_ms > 0) await clock.sleep(delay_ms);
      for (let n = 0; n < (duplicate ? 2 : 1); n += 1) {
        message.told.push(what);
        await emit([made]);
      }
    }
  }

  const { make, makeEach } = items;
  return {
    graph: createSocialGraph({ world, sends, callbacks, play, now }),
    controls: createSocialControls({ world, sends, emit, make, makeEach, clock }),
  };
}
