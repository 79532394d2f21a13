import type { Clock } from "../../clock.ts";
import type { Callbacks } from "../../meta/callbacks.ts";
import type { Answer, GraphRequest } from "../../meta/graph-request.ts";
import type { Send, Sends } from "../sends.ts";
import type { World } from "../world.ts";

export interface GraphDeps {
  world: World;
  sends: Sends;
  callbacks: Pick<Callbacks, "verify">;
  clock: Clock;
  /** Sends the statuses that follow an accepted message. */
  playStatuses: (send: Send) => Promise<void>;
}

export type GraphHandler = (request: GraphRequest) => Answer | Promise<Answer>;

/** The handler of a request by its method and the form of its path. */
export type GraphRoutes = Record<string, GraphHandler>;
