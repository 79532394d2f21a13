import type { Clock } from "../clock.ts";
import type { Callbacks } from "../meta/callbacks.ts";
import type { BatchOptions, Emission, EmissionOptions, Emissions } from "../meta/emissions.ts";
import type { Media } from "../meta/media.ts";
import { createWhatsAppControls } from "./controls.ts";
import { createEmitter } from "./emitter.ts";
import { createWhatsAppGraph } from "./graph/graph.ts";
import type {
  BatchItem,
  ChangeItemInput,
  EchoItemInput,
  MessageItemInput,
  StatusItemInput,
} from "./items.ts";
import type { BusinessNumber, NumberInput } from "./numbers.ts";
import type { User, UserInput } from "./people.ts";
import { type AcceptedMessage, createSends, type Send } from "./sends.ts";
import { changeSettings, DEFAULT_SETTINGS, type Settings, type SettingsInput } from "./settings.ts";
import { playStatuses } from "./status-script.ts";
import type { Template, TemplateInput } from "./templates.ts";
import { createWorld } from "./world.ts";

/** Every method is also a route below `/_control`, with the same JSON. */
export interface WhatsAppSimulator {
  emitMessage(input: MessageItemInput & EmissionOptions): Promise<Emission>;
  emitStatus(input: StatusItemInput & EmissionOptions): Promise<Emission>;
  emitEcho(input: EchoItemInput & EmissionOptions): Promise<Emission>;
  emitChange(input: ChangeItemInput & EmissionOptions): Promise<Emission>;
  emitBatch(input: { items: readonly BatchItem[] } & BatchOptions): Promise<Emission>;
  accepted(): { messages: AcceptedMessage[] };
  clearAccepted(): void;
  settings(): Settings;
  configure(input: SettingsInput): Settings;
  addNumber(input: NumberInput): BusinessNumber;
  numbers(): { numbers: BusinessNumber[] };
  putUser(input: UserInput): User;
  putTemplate(input: TemplateInput): Template;
  /** Opens or closes the 24 h window without a message. */
  setWindow(input: { from?: string; user_id?: string; open?: boolean; phone_number_id?: string }): {
    open: boolean;
  };
}

/** The half of Meta that has WhatsApp's business numbers. */
export function createWhatsApp(given: {
  clock: Clock;
  callbacks: Callbacks;
  emissions: Emissions;
  media: Media;
  numbers: readonly NumberInput[] | undefined;
  settings: SettingsInput | undefined;
}) {
  const { clock, callbacks, emissions, media, numbers } = given;
  const now = () => clock.now();
  const settings = changeSettings(DEFAULT_SETTINGS, given.settings ?? {});
  const world = createWorld({ numbers, settings, media });
  const sends = createSends(world, clock);
  const emitter = createEmitter({ numbers: world.numbers, callbacks, emissions, now });
  const play = (send: Send) => playStatuses(send, { settings: world.settings, emitter, now });
  return {
    graph: createWhatsAppGraph({ world, sends, callbacks, clock, playStatuses: play }),
    controls: createWhatsAppControls({ world, sends, emitter, clock }),
  };
}
