import { listProviderTemplates } from "../../channels/whatsapp/templates.ts";
import type { Clock } from "../../core/outside/clock.ts";
import type { Logger } from "../../core/outside/log.ts";
import type { ProviderHttp } from "../../core/outside/provider-http.ts";
import { Secret } from "../../core/secret.ts";
import type { ProviderPlaces } from "../../core/sending/outgoing.ts";
import {
  type BusinessAccount,
  findStaleAccounts,
  noteSync,
  replaceTemplates,
} from "../../storage/channels/templates.ts";
import type { Connections } from "../../storage/connections/connections.ts";

/** Meta lets an account be asked 200 times an hour. */
const STALE_MS = 6 * 3_600_000;
const ACCOUNTS_A_TURN = 5;

export interface TemplateSyncDeps {
  connections: Connections;
  http: ProviderHttp;
  places: Pick<ProviderPlaces, "meta">;
  /** Opens what is sealed for a channel's `credentials`: JSON. Throws when no key fits. */
  openCredentials(sealed: string, channelId: string): string;
  newId(): string;
  clock: Pick<Clock, "now">;
  logger: Logger;
}

/** Keeps what is known of WhatsApp's templates as it is at Meta. */
export class TemplateSync {
  readonly #deps: TemplateSyncDeps;

  constructor(deps: TemplateSyncDeps) {
    this.#deps = deps;
  }

  /** Asks for accounts that were not asked for hours, or have told of a change. */
  async runOnce(): Promise<void> {
    const { connections, clock } = this.#deps;
    const before = clock.now() - STALE_MS;
    const stale = await findStaleAccounts(connections.pool, { before, limit: ACCOUNTS_A_TURN });
    for (const account of stale) await this.sync(account);
  }

  /** Asks for one account's templates; answers why they could not be had, or null. */
  async sync({ workspaceId, wabaId, channelId, credentials }: BusinessAccount) {
    const { connections, http, places, clock, newId, logger } = this.#deps;
    const fail = async (reason: string) => {
      logger.warn({ waba_id: wabaId, reason }, "templates could not be synced");
      await noteSync(connections.pool, { workspaceId, wabaId, error: reason }, clock.now());
      return reason;
    };
    const token = this.#tokenIn(credentials, channelId);
    if (token === null) return fail("the channel has no access token that can be used");
    const listed = await listProviderTemplates(http, places, { wabaId, token });
    if (listed.kind === "failed") return fail(listed.reason);
    const named = new Map(listed.templates.map((each) => [`${each.name} ${each.language}`, each]));
    const templates = [...named.values()].map((each) => ({ ...each, id: newId() }));
    await connections.transaction((tx) =>
      replaceTemplates(tx, { workspaceId, wabaId }, templates, clock.now()),
    );
    return null;
  }

  #tokenIn(credentials: string, channelId: string): Secret | null {
    try {
      const opened: { access_token?: string } = JSON.parse(
        this.#deps.openCredentials(credentials, channelId),
      );
      return opened.access_token === undefined ? null : new Secret(opened.access_token);
    } catch {
      return null;
    }
  }
}
