import { createCallbacks } from "./callbacks.ts";
import { completeClock, type SimulatorClock } from "./clock.ts";
import { createControlRouter } from "./control-router.ts";
import { controlCommands, createControls } from "./controls.ts";
import type { WebhookPost } from "./deliveries.ts";
import { createDeliveries } from "./deliveries.ts";
import type { BatchOptions, Emission, EmissionOptions } from "./emissions.ts";
import { createEmissions } from "./emissions.ts";
import { createFaults, type Fault, type FaultInput } from "./faults.ts";
import { createGraph } from "./graph.ts";
import { createHttpClient } from "./http-client.ts";
import type {
  BatchItem,
  ChangeItemInput,
  EchoItemInput,
  MessageItemInput,
  StatusItemInput,
} from "./items.ts";
import type { BusinessNumber, NumberInput } from "./numbers.ts";
import type { User, UserInput } from "./people.ts";
import { createRequestLog, type RecordedRequest } from "./request-log.ts";
import { type AcceptedMessage, createSends, type Send } from "./sends.ts";
import { createHttpServer } from "./server.ts";
import { changeSettings, DEFAULT_SETTINGS, type Settings, type SettingsInput } from "./settings.ts";
import { socialCommands } from "./social/controls.ts";
import { createSocial, type SocialSimulator } from "./social/social.ts";
import { playStatuses } from "./status-script.ts";
import type { Template, TemplateInput } from "./templates.ts";
import type { TokenInput } from "./tokens.ts";
import { twilioCommands } from "./twilio/controls.ts";
import { createTwilio, type TwilioSimulator } from "./twilio/twilio.ts";
import { createWorld } from "./world.ts";

export interface SimulatorOptions {
  /** 0 takes any free port. */
  port?: number;
  host?: string;
  /** Where webhooks go, taken without a handshake. `subscribe` sets it with one. */
  webhookUrl?: string;
  /** Signs the webhooks. */
  appSecret: string;
  /** What the handshake of a subscription presents. */
  verifyToken?: string;
  clock?: SimulatorClock;
  /** The business numbers that exist; the one of Meta's examples when none is named. */
  numbers?: readonly NumberInput[];
  /** The access tokens that are good; any, when the list is not given. */
  tokens?: readonly string[];
  settings?: SettingsInput;
  /** Repeats refused webhooks by itself, looking this often; never, when it is not given. */
  tickEveryMs?: number;
  /** How long a receiver may take over a webhook. */
  webhookTimeoutMs?: number;
  /** How many requests `requests()` remembers. */
  keepRequests?: number;
}

/** A running simulator. Every method is also a route below `/_control`, with the same JSON. */
export interface Simulator {
  /** Where the Graph API is, without a slash at the end. */
  readonly url: string;
  readonly port: number;
  emitMessage(input: MessageItemInput & EmissionOptions): Promise<Emission>;
  emitStatus(input: StatusItemInput & EmissionOptions): Promise<Emission>;
  emitEcho(input: EchoItemInput & EmissionOptions): Promise<Emission>;
  emitChange(input: ChangeItemInput & EmissionOptions): Promise<Emission>;
  emitBatch(input: { items: readonly BatchItem[] } & BatchOptions): Promise<Emission>;
  /** Signs and posts any bytes to the app's URL. */
  emitRaw(input: ({ body: string } | { base64: string }) & EmissionOptions): Promise<Emission>;
  /** Rejects with the reason when the receiver fails the handshake. */
  subscribe(input: {
    url: string;
    verify_token?: string;
  }): Promise<{ verified: true; url: string }>;
  addFaults(input: FaultInput | readonly FaultInput[]): { faults: Fault[] };
  faults(): { faults: Fault[] };
  clearFaults(): void;
  requests(): { requests: RecordedRequest[] };
  clearRequests(): void;
  accepted(): { messages: AcceptedMessage[] };
  clearAccepted(): void;
  posts(): { posts: WebhookPost[] };
  /** Repeats the refused webhooks whose time has come by the clock. */
  tick(): Promise<{ posts: WebhookPost[] }>;
  /** Repeats every refused webhook. */
  retryNow(): Promise<{ posts: WebhookPost[] }>;
  /** The time by which the simulator lives. */
  clock(): { now: string };
  /** Sets it forward, wakes who waits, and repeats the refused webhooks whose time has come. */
  moveClock(input: { advance_ms?: number; to?: string }): Promise<{
    now: string;
    posts: WebhookPost[];
  }>;
  /** Messenger and Instagram: their controls are below `/_control/social`. */
  readonly social: SocialSimulator;
  /** Twilio, beside Meta: its API is at the same address, its controls below `/_control/twilio`. */
  readonly twilio: TwilioSimulator;
  /** Resolves when all statuses that follow accepted sends have been posted. */
  idle(): Promise<void>;
  settings(): Settings;
  configure(input: SettingsInput): Settings;
  addNumber(input: NumberInput): BusinessNumber;
  numbers(): { numbers: BusinessNumber[] };
  putUser(input: UserInput): User;
  putTemplate(input: TemplateInput): Template;
  setToken(input: TokenInput): { state: TokenInput["state"] };
  /** Keeps bytes that a user "sent", for a message item to name by id. */
  addMedia(input: { mime_type: string; base64?: string; text?: string }): {
    id: string;
    /** Where Messenger and Instagram would link to. */
    link: string;
  };
  /** Opens or closes the 24 h window without a message. */
  setWindow(input: { from?: string; user_id?: string; open?: boolean; phone_number_id?: string }): {
    open: boolean;
  };
  /** Everything as it was at the start. */
  reset(): void;
  /** Closes every connection, also those that hang. */
  close(): Promise<void>;
}

/** Starts a simulator that listens when the promise resolves. Rejects when the port is taken. */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const { appSecret, host = "127.0.0.1", webhookTimeoutMs: timeoutMs = 20_000 } = options;
  const clock = completeClock(options.clock);
  const now = () => clock.now();
  const world = createWorld({
    ...options,
    settings: changeSettings(DEFAULT_SETTINGS, options.settings ?? {}),
  });
  const client = createHttpClient({ clock, timeoutMs });
  const appUrl = options.webhookUrl;
  const callbacks = createCallbacks({ client, numbers: world.numbers, appUrl });
  const deliveries = createDeliveries({ clock, client, appSecret });
  const emissions = createEmissions({ callbacks, deliveries, now });
  const sends = createSends(world, clock);
  const social = createSocial({ clock, callbacks, emissions });
  const twilio = createTwilio({ clock, origin: () => url });
  const faults = createFaults();
  const log = createRequestLog(options.keepRequests ?? 10_000);
  const underWay = new Set<Promise<unknown>>();

  function background(work: Promise<unknown>): void {
    const settled = work.catch(() => {}).finally(() => underWay.delete(settled));
    underWay.add(settled);
  }
  async function idle(): Promise<void> {
    while (underWay.size > 0) await Promise.all(underWay);
  }
  const play = (send: Send) => {
    const settings = world.settings;
    return playStatuses(send, { settings, emissions, callbacks, now });
  };

  const graphControls = createControls({
    world,
    sends,
    callbacks,
    emissions,
    deliveries,
    faults,
    log,
    clock,
    idle,
    origin: () => url,
    verifyToken: options.verifyToken ?? "",
  });
  const controls = {
    ...graphControls,
    reset: () => {
      graphControls.reset();
      social.controls.reset();
      twilio.controls.reset();
    },
  };
  const server = createHttpServer({
    apis: [
      twilio.api,
      createGraph({ world, sends, callbacks, clock, playStatuses: play, social: social.graph }),
    ],
    control: createControlRouter({
      ...controlCommands(controls),
      ...socialCommands(social.controls),
      ...twilioCommands(twilio.controls),
    }),
    faults,
    log,
    clock,
    background,
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port ?? 0, host, resolve);
  });
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const url = `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
  const ticking = options.tickEveryMs
    ? setInterval(() => background(deliveries.tick()), options.tickEveryMs)
    : undefined;

  return {
    ...controls,
    social: social.controls,
    twilio: twilio.controls,
    url,
    port,
    close: async () => {
      clearInterval(ticking);
      client.close();
      twilio.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
