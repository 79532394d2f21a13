import type { Walk } from "../support/walk.ts";
import { channelsWalk } from "./channels.ts";
import { endpointsWalk } from "./endpoints.ts";
import { inboxWalk } from "./inbox.ts";
import { overviewWalk } from "./overview.ts";
import { peopleWalk } from "./people.ts";
import { trafficWalk } from "./traffic.ts";

/** Every view there is. An area adds one line. */
export const walks: readonly Walk[] = [
  endpointsWalk,
  inboxWalk,
  channelsWalk,
  peopleWalk,
  trafficWalk,
  overviewWalk,
];
