import { up as mainPath } from "./0001-main-path.ts";
import { up as inbound } from "./0002-inbound.ts";
import { up as secretRotation } from "./0003-secret-rotation.ts";
import { up as dialects } from "./0004-dialects.ts";
import { up as plans } from "./0005-plans.ts";
import { up as ledger } from "./0006-ledger.ts";
import { up as endpointHealth } from "./0007-endpoint-health.ts";
import { up as smsReconciliation } from "./0008-sms-reconciliation.ts";
import { up as behind } from "./0009-behind.ts";
import { up as endpointAuth } from "./0010-endpoint-auth.ts";
import { up as sending } from "./0011-sending.ts";
import { up as feed } from "./0012-feed.ts";
import { up as endpointMissed } from "./0013-endpoint-missed.ts";
import { up as signIn } from "./0014-sign-in.ts";
import { up as smsQuota } from "./0015-sms-quota.ts";
import { up as eventHistory } from "./0016-event-history.ts";
import { up as verification } from "./0017-verification.ts";
import { up as mergedContacts } from "./0018-merged-contacts.ts";
import { up as eventTypes } from "./0019-event-types.ts";
import { up as series } from "./0020-series.ts";
import { up as catcher } from "./0021-catcher.ts";
import { up as media } from "./0022-media.ts";
import { up as purge } from "./0023-purge.ts";
import { up as newcomers } from "./0024-newcomers.ts";
import { up as holdKey } from "./0025-hold-key.ts";
import { up as hold } from "./0026-hold.ts";
import { up as keyIds } from "./0027-key-ids.ts";
import { up as shares } from "./0028-shares.ts";
import { up as mediaHandovers } from "./0029-media-handovers.ts";
import { up as purgeReceipts } from "./0030-purge-receipts.ts";
import { up as usedCodes } from "./0031-used-codes.ts";
import { up as tokenRenewal } from "./0033-token-renewal.ts";
import { up as notices } from "./0034-notices.ts";
import { up as expunging } from "./0035-expunging.ts";
import { up as uploads } from "./0036-uploads.ts";
import { up as leaseInPlace } from "./0037-lease-in-place.ts";
import { up as endpointMinute } from "./0038-endpoint-minute.ts";
import { up as channelNotices } from "./0039-channel-notices.ts";
import { up as messageList } from "./0040-message-list.ts";
import { up as acceptWitness } from "./0041-accept-witness.ts";

/** Every migration there is, in order. One that was released is never edited; it gets a successor. */
export const migrations: Record<string, string> = {
  "0001-main-path": mainPath,
  "0002-inbound": inbound,
  "0003-secret-rotation": secretRotation,
  "0004-dialects": dialects,
  "0005-plans": plans,
  "0006-ledger": ledger,
  "0007-endpoint-health": endpointHealth,
  "0008-sms-reconciliation": smsReconciliation,
  "0009-behind": behind,
  "0010-endpoint-auth": endpointAuth,
  "0011-sending": sending,
  "0012-feed": feed,
  "0013-endpoint-missed": endpointMissed,
  "0014-sign-in": signIn,
  "0015-sms-quota": smsQuota,
  "0016-event-history": eventHistory,
  "0017-verification": verification,
  "0018-merged-contacts": mergedContacts,
  "0019-event-types": eventTypes,
  "0020-series": series,
  "0021-catcher": catcher,
  "0022-media": media,
  "0023-purge": purge,
  "0024-newcomers": newcomers,
  "0025-hold-key": holdKey,
  "0026-hold": hold,
  "0027-key-ids": keyIds,
  "0028-shares": shares,
  "0029-media-handovers": mediaHandovers,
  "0030-purge-receipts": purgeReceipts,
  "0031-used-codes": usedCodes,
  "0033-token-renewal": tokenRenewal,
  "0034-notices": notices,
  "0035-expunging": expunging,
  "0036-uploads": uploads,
  "0037-lease-in-place": leaseInPlace,
  "0038-endpoint-minute": endpointMinute,
  "0039-channel-notices": channelNotices,
  "0040-message-list": messageList,
  "0041-accept-witness": acceptWitness,
};
