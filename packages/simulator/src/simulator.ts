import { completeClock, type SimulatorClock } from "./clock.ts";
import { createControlRouter } from "./control/router.ts";
import { controlCommands, createControls } from "./controls.ts";
import { createHttpClient } from "./http/client.ts";
import { createFaults, type Fault, type FaultInput } from "./http/faults.ts";
import { createRequestLog, type RecordedRequest } from "./http/request-log.ts";
import { createHttpServer } from "./http/server.ts";
import { createCallbacks } from "./meta/callbacks.ts";
import { createDeliveries, type WebhookPost } from "./meta/deliveries.ts";
import { createEmissions, type Emission, type EmissionOptions } from "./meta/emissions.ts";
import { createGraph } from "./meta/graph.ts";
import { KNOWN_ERRORS } from "./meta/graph-error.ts";
import { createMedia } from "./meta/media.ts";
import { createTokens, type TokenInput } from "./meta/tokens.ts";
import { socialCommands } from "./social/controls.ts";
import { createSocial, type SocialSimulator } from "./social/social.ts";
import { twilioCommands } from "./twilio/controls.ts";
import { TWILIO_ERRORS } from "./twilio/errors.ts";
import { createTwilio, type TwilioSimulator } from "./twilio/twilio.ts";
import { whatsAppCommands } from "./whatsapp/controls.ts";
import type { NumberInput } from "./whatsapp/numbers.ts";
import type { SettingsInput } from "./whatsapp/settings.ts";
import { createWhatsApp, type WhatsAppSimulator } from "./whatsapp/whatsapp.ts";

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
export interface Simulator extends WhatsAppSimulator {
  /** Where the Graph API is, without a slash at the end. */
  readonly url: string;
  readonly port: number;
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
  setToken(input: TokenInput): { state: TokenInput["state"] };
  /** Keeps bytes that a user "sent", for a message item to name by id. */
  addMedia(input: { mime_type: string; base64?: string; text?: string }): {
    id: string;
    /** Where Messenger and Instagram would link to. */
    link: string;
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
  const client = createHttpClient({ clock, timeoutMs });
  const appUrl = options.webhookUrl;
  const callbacks = createCallbacks({ client, appUrl });
  const deliveries = createDeliveries({ clock, client, appSecret });
  const emissions = createEmissions({ callbacks, deliveries });
  const tokens = createTokens(options.tokens);
  const media = createMedia(appSecret);
  const { numbers, settings } = options;
  const whatsapp = createWhatsApp({ clock, callbacks, emissions, media, numbers, settings });
  const social = createSocial({ clock, callbacks, emissions });
  const twilio = createTwilio({ clock, origin: () => url });
  const faults = createFaults({ graph: KNOWN_ERRORS, twilio: TWILIO_ERRORS });
  const log = createRequestLog(options.keepRequests ?? 10_000);
  const underWay = new Set<Promise<unknown>>();

  function background(work: Promise<unknown>): void {
    const settled = work.catch(() => {}).finally(() => underWay.delete(settled));
    underWay.add(settled);
  }
  async function idle(): Promise<void> {
    while (underWay.size > 0) await Promise.all(underWay);
  }

  const controls = createControls({
    tokens,
    media,
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
  const reset = () => {
    for (const each of [controls, whatsapp.controls, social.controls, twilio.controls])
      each.reset();
  };
  const server = createHttpServer({
    apis: [
      twilio.api,
      createGraph({
        tokens,
        media,
        now: () => clock.now(),
        halves: [social.graph, whatsapp.graph],
      }),
    ],
    control: createControlRouter({
      ...whatsAppCommands(whatsapp.controls),
      ...controlCommands({ ...controls, reset }),
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
    ...whatsapp.controls,
    reset,
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
