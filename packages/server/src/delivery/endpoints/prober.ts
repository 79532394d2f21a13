import { publicId } from "../../core/ids.ts";
import type { Clock } from "../../core/outside/clock.ts";
import type { SigningSecret } from "../../dialects/dialect.ts";
import { liveSecrets, type PostResult } from "../attempt/attempt.ts";
import type { OpenTarget } from "../attempt/targets.ts";
import type { EndpointView } from "../directory/directory.ts";
import { MASKED, maskedHeaders, withoutSignature } from "./masked-headers.ts";

export interface ProberDeps {
  clock: Pick<Clock, "now">;
  newId(): string;
  openTarget: OpenTarget;
}

/** What is sent to one endpoint outside of the log. */
export interface Probe {
  /** Canonical event type. */
  type: string;
  body: string;
  /** The event's uuid. */
  eventId: string;
  deadlineMs: number;
  /** Instead of the endpoint's own: a forger has others. */
  secrets?: readonly SigningSecret[];
  /** When it pretends to be signed, ms since the epoch. */
  signedAt?: number;
  /** Without what comes of a secret. */
  isUnsigned?: boolean;
  /** What becomes of the body after it was signed. */
  change?(body: string): string;
  /** Headers besides those of the endpoint and its dialect. */
  marks?: Readonly<Record<string, string>>;
}

/** One request and what came of it; the request as it may be shown. */
export interface Probed {
  sentAt: number;
  result: PostResult;
  request: { url: string; headers: Record<string, string>; body: string };
}

/**
 * Sends single requests to an endpoint, as its deliveries are sent: signed, in its dialect, with its
 * headers, behind the address guard; whatever state the endpoint is in, on a connection of its own,
 * and remembered by nobody.
 */
export class Prober {
  readonly #deps: ProberDeps;

  constructor(deps: ProberDeps) {
    this.#deps = deps;
  }

  now(): number {
    return this.#deps.clock.now();
  }

  newId(): string {
    return this.#deps.newId();
  }

  async send(endpoint: EndpointView, probe: Probe): Promise<Probed> {
    const sentAt = this.now();
    const { dialect, url } = endpoint;
    const secrets = probe.secrets ?? liveSecrets(endpoint, sentAt);
    const letter = {
      id: publicId("evt", probe.eventId),
      type: probe.type,
      body: probe.body,
      timestampS: Math.floor((probe.signedAt ?? sentAt) / 1000),
      ...{ attempt: 1, replayed: false },
      options: endpoint.speech.options,
    };
    const { marks = {} } = probe;
    const masked = maskedHeaders(dialect, letter);
    const whole = dialect.headers({ ...letter, secrets });
    const signed = probe.isUnsigned === true ? withoutSignature(whole, masked) : whole;
    // Never a pooled connection: what hangs here must not take a slot from deliveries.
    const target = this.#deps.openTarget(`probe ${this.newId()}`, {
      ...endpoint.access,
      ...{ url, maxConnections: 1 },
    });
    try {
      const headers = { ...endpoint.headers, ...marks, ...signed };
      const body = probe.change?.(probe.body) ?? probe.body;
      const result = await target.post({ headers, body, deadlineMs: probe.deadlineMs });
      // Headers of a customer's own may hold secrets, and what authenticates us is one.
      const hidden = Object.keys(endpoint.headers).map((name) => [name, MASKED]);
      const shown = Object.keys(signed).map((name) => [name, masked[name] ?? MASKED]);
      const request = {
        ...{ url, body },
        headers: { ...Object.fromEntries(hidden), ...marks, ...Object.fromEntries(shown) },
      };
      return { sentAt, result, request };
    } finally {
      void target.close();
    }
  }
}
