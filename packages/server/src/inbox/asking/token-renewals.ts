import { type Renewal, renewToken } from "../../channels/instagram/renew-token.ts";
import { publicId } from "../../core/ids.ts";
import type { Clock } from "../../core/outside/clock.ts";
import type { Logger } from "../../core/outside/log.ts";
import type { ProviderHttp } from "../../core/outside/provider-http.ts";
import { Secret } from "../../core/secret.ts";
import type { ProviderPlaces } from "../../core/sending/outgoing.ts";
import type { SendError } from "../../core/sending/send-outcome.ts";
import {
  claimTokens,
  postponeToken,
  type RenewableToken,
  replaceToken,
} from "../../storage/channels/token-renewals.ts";
import type { Connections, Tx } from "../../storage/connections/connections.ts";
import type { ChangeConfig } from "../../storage/workspaces/config-changes.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Meta renews no token that is younger; an hour more, for clocks that differ. */
const YOUNGEST_MS = 25 * HOUR_MS;
/** While a failure is nobody's business yet: Meta may be away for some hours. */
const CALM_MS = 7 * DAY_MS;
const CHANNELS_A_TURN = 20;

export interface TokenRenewalsDeps {
  connections: Pick<Connections, "pool" | "transaction">;
  changeConfig: ChangeConfig;
  http: ProviderHttp;
  places: Pick<ProviderPlaces, "meta">;
  /** Opens what is sealed for a channel's `credentials`: JSON. Throws when no key fits. */
  openCredentials(sealed: string, channelId: string): string;
  sealCredentials(plain: string, channelId: string): string;
  /** Keeps, to be told, that a channel works only in part, or wholly again. */
  keepDegraded(tx: Tx, channelId: string, error: SendError): Promise<void>;
  keepRestored(tx: Tx, channelId: string): Promise<void>;
  /** Tells what was kept. Never rejects. */
  announce(): Promise<void>;
  clock: Pick<Clock, "now">;
  logger: Logger;
}

/**
 * Renews the tokens of Instagram's own login, which end after sixty days: the first time after a day,
 * then at half of their time. A Page's token does not end by itself and is left as it is.
 */
export class TokenRenewals {
  readonly #deps: TokenRenewalsDeps;

  constructor(deps: TokenRenewalsDeps) {
    this.#deps = deps;
  }

  async runOnce(): Promise<void> {
    const { connections, clock } = this.#deps;
    const now = clock.now();
    const due = await claimTokens(connections.pool, {
      ...{ now, connectedBefore: now - YOUNGEST_MS, leasedUntil: now + HOUR_MS },
      limit: CHANNELS_A_TURN,
    });
    for (const each of due) await this.#renew(each);
  }

  async #renew(due: RenewableToken): Promise<void> {
    const credentials = this.#open(due);
    const token = credentials?.["access_token"];
    if (!credentials || !token) return;
    const { http, places } = this.#deps;
    const renewal = await renewToken(http, places, new Secret(token));
    if (renewal.kind === "renewed") await this.#keep(due, credentials, renewal);
    else await this.#fail(due, renewal);
  }

  async #keep(
    due: RenewableToken,
    credentials: Record<string, string>,
    { token, expiresInMs }: Extract<Renewal, { kind: "renewed" }>,
  ): Promise<void> {
    const { changeConfig, sealCredentials, clock, logger, keepRestored, announce } = this.#deps;
    const now = clock.now();
    const plain = JSON.stringify({ ...credentials, access_token: token.reveal() });
    const renewed = {
      credentials: sealCredentials(plain, due.channelId),
      ...{ expiresAt: now + expiresInMs, renewAt: now + expiresInMs / 2, now },
    };
    const isKept = await changeConfig(due.workspaceId, async (tx) => {
      const isReplaced = await replaceToken(tx, due, renewed);
      if (isReplaced && due.error !== null) await keepRestored(tx, due.channelId);
      return isReplaced;
    });
    // Somebody has given the channel another token meanwhile.
    if (!isKept) return;
    logger.info({ channel: publicId("ch", due.channelId) }, "a channel's access token was renewed");
    if (due.error !== null) await announce();
  }

  /** Tried again in an hour, or, once it was told, in a day. */
  async #fail(due: RenewableToken, renewal: Exclude<Renewal, { kind: "renewed" }>): Promise<void> {
    const { connections, clock, logger, keepDegraded, announce } = this.#deps;
    const now = clock.now();
    const isRefused = renewal.kind === "refused";
    const words = isRefused ? `(#${renewal.code}) ${renewal.message}` : renewal.reason;
    const leftMs = due.expiresAt === null ? null : due.expiresAt - now;
    const isTold = isRefused || (leftMs !== null && leftMs < CALM_MS);
    const fields = { channel: publicId("ch", due.channelId), reason: words };
    logger.warn(fields, "a channel's access token could not be renewed");
    if (!isTold) {
      await postponeToken(connections.pool, due, { error: words, renewAt: now + HOUR_MS });
      return;
    }
    await connections.transaction(async (tx) => {
      // Somebody may have given the channel another token meanwhile.
      if (!(await postponeToken(tx, due, { error: words, renewAt: now + DAY_MS }))) return;
      await keepDegraded(tx, due.channelId, {
        code: "token_not_renewed",
        provider_code: isRefused ? String(renewal.code) : null,
        message: "The access token could not be renewed.",
        details: words,
        retryable: !isRefused,
        advice:
          "Log in to Instagram again and give the channel the new token: the old one ends after 60 days.",
      });
    });
    await announce();
  }

  #open({ credentials, channelId }: RenewableToken): Record<string, string> | null {
    try {
      return JSON.parse(this.#deps.openCredentials(credentials, channelId));
    } catch {
      // That the credentials cannot be opened is told by whoever sends.
      return null;
    }
  }
}
