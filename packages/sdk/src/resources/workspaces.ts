import { listCalls } from "../calls/page.ts";
import type { RequestOptions, Transport } from "../calls/transport.ts";
import type { Feature } from "./plans.ts";

/** A tenant of the instance. */
export interface Workspace {
  id: string;
  serial: number;
  name: string;
  /** The one that the admin key acts on when none is named. */
  is_default: boolean;
  plan: string;
  add_ons: string[];
  trial_ends_at: string | null;
  created_at: string;
}

export interface WorkspaceDraft {
  name: string;
  /** One of `plans.list()`. */
  plan?: string;
  /** What it has beyond its plan. */
  add_ons?: readonly Feature[];
  /** RFC 3339: from then on endpoints are paused with their queue and nothing can be sent. */
  trial_ends_at?: string | null;
}

export type Workspaces = ReturnType<typeof workspaceCalls>;

/** For the instance's admin key. */
export function workspaceCalls(call: Transport) {
  const path = ["workspaces"];
  return {
    create: (body: WorkspaceDraft, options?: RequestOptions) =>
      call<Workspace>({ method: "POST", path, body, options }),
    ...listCalls<Workspace>(call, path),
    get: (id: string, options?: RequestOptions) =>
      call<Workspace>({ method: "GET", path: [...path, id], options }),
    update: (id: string, body: Partial<WorkspaceDraft>, options?: RequestOptions) =>
      call<Workspace>({ method: "PATCH", path: [...path, id], body, options }),
    /** Closes it at once; a job deletes what it has. */
    delete: (id: string, options?: RequestOptions) =>
      call<{ job_id: string }>({ method: "DELETE", path: [...path, id], options }),
  };
}
