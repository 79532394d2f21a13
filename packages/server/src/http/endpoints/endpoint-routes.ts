import type { Notices } from "../../delivery/endpoints/notices.ts";
import type { Prober } from "../../delivery/endpoints/prober.ts";
import type { Routes } from "../api.ts";
import { endpointRoutes } from "./endpoints.ts";
import { genesyRoutes } from "./facades/genesy.ts";
import { EndpointKeeper, type EndpointKeeperDeps } from "./keeper.ts";
import type { FindView } from "./probes.ts";
import { endpointProbingRoutes } from "./probing.ts";
import { endpointRotationRoutes } from "./rotation.ts";
import { EndpointVerifier } from "./verifier.ts";

export interface EndpointRouteGroupsDeps extends Omit<EndpointKeeperDeps, "verifier" | "notices"> {
  prober: Prober;
  findView: FindView;
  notices: Pick<Notices, "secretRotated" | "verified" | "disabled" | "tested" | "soon">;
}

/** All that can be asked of an endpoint but its deliveries. */
export function endpointRouteGroups(deps: EndpointRouteGroupsDeps): Routes[] {
  const keeper = new EndpointKeeper({ ...deps, verifier: new EndpointVerifier(deps) });
  return [
    endpointRoutes({ ...deps, keeper }),
    endpointRotationRoutes(deps),
    endpointProbingRoutes({ ...deps, keeper }),
    genesyRoutes({ ...deps, keeper }),
  ];
}
