import type { EndpointHealth } from "../../storage/endpoints/endpoint-health.ts";
import type { Work } from "../work.ts";

/** What is wrong with an endpoint, and this process's part in finding out whether it still is. */
export class Trouble {
  health: EndpointHealth;
  /** This process's probe: permitted, or on its way as `work`. */
  probe: { process: number; since: number; work: Work | null } | null = null;
  claimedAt = Number.NEGATIVE_INFINITY;
  isWriting = false;

  constructor(health: EndpointHealth) {
    this.health = health;
  }

  get isOpen(): boolean {
    return this.health.state === "open";
  }

  get mayProbe(): boolean {
    return this.probe !== null && this.probe.work === null;
  }
}
