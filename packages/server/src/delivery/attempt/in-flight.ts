import { Numbered } from "../../core/numbered.ts";
import type { Work } from "../work.ts";
import type { EndpointLane, Standing } from "./lane.ts";

const MOST = 2_000;
/** Of these, what endpoints may use together that were never asked, or whose last request failed. */
const SHARES: Record<Standing, number> = { proven: MOST, fresh: MOST / 2, failing: MOST / 4 };
/** What one workspace may have, over all its endpoints. */
const MOST_OF_ONE = (MOST * 3) / 4;

/** As it was when the request left: both may change while it is under way. */
interface Place {
  work: Work;
  lane: EndpointLane;
  standing: Standing;
  workspaceId: string;
}

/** The requests of a process that are under way, and whose turn it may be to add one. */
export class InFlight {
  readonly #places = new Numbered<Place>();
  readonly #standings: Record<Standing, number> = { proven: 0, fresh: 0, failing: 0 };
  readonly #workspaces = new Map<string, number>();

  get size(): number {
    return this.#places.size;
  }

  get isFull(): boolean {
    return this.#places.size >= MOST;
  }

  has(work: Work): boolean {
    return work.flight !== null;
  }

  *works(): Iterable<Work> {
    for (const [, { work }] of this.#places.entries()) yield work;
  }

  /** What stays free is for endpoints that answer, and for other workspaces. */
  hasRoomFor({ standing, view }: EndpointLane): boolean {
    if (this.#standings[standing] >= SHARES[standing]) return false;
    return (this.#workspaces.get(view.workspaceId) ?? 0) < MOST_OF_ONE;
  }

  enter(work: Work, lane: EndpointLane): void {
    const { workspaceId } = lane.view;
    work.flight = this.#places.add({ work, lane, standing: lane.standing, workspaceId });
    lane.inFlight++;
    this.#standings[lane.standing]++;
    this.#workspaces.set(workspaceId, (this.#workspaces.get(workspaceId) ?? 0) + 1);
  }

  leave(work: Work): void {
    const place = work.flight === null ? undefined : this.#places.take(work.flight);
    if (!place) throw new Error("a request ended that was not under way");
    const { lane, standing, workspaceId } = place;
    work.flight = null;
    lane.inFlight--;
    this.#standings[standing]--;
    const left = (this.#workspaces.get(workspaceId) ?? 0) - 1;
    if (left > 0) this.#workspaces.set(workspaceId, left);
    else this.#workspaces.delete(workspaceId);
  }
}
