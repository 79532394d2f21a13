import { accountsPages } from "./accounts/pages.ts";
import { apiKeyPages } from "./api-keys/pages.ts";
import { auditLogPages } from "./audit-log/pages.ts";
import { channelsPages } from "./channels/pages.ts";
import { deadLetterPages } from "./dead-letters/pages.ts";
import { deliveryPages } from "./deliveries/pages.ts";
import { endpointsPages } from "./endpoints/pages.ts";
import { eventPages } from "./events/pages.ts";
import { firstRunPages } from "./first-run/pages.ts";
import { healthPages } from "./health/pages.ts";
import { inboxPages } from "./inbox/pages.ts";
import { memberPages } from "./members/pages.ts";
import { overviewPages } from "./overview/pages.ts";
import type { PageDef } from "./page.ts";
import { settingsPages } from "./settings/pages.ts";
import { simulatorPages } from "./simulator/pages.ts";
import { usagePages } from "./usage/pages.ts";

/** Every page there is. An area adds one line here; the order is of no account. */
export const pages: readonly PageDef[] = [
  ...overviewPages, //
  ...firstRunPages,
  ...inboxPages,
  ...endpointsPages,
  ...channelsPages,
  ...accountsPages,
  ...apiKeyPages,
  ...memberPages,
  ...auditLogPages,
  ...usagePages,
  ...settingsPages,
  ...healthPages,
  ...deliveryPages,
  ...deadLetterPages,
  ...eventPages,
  ...simulatorPages,
];
