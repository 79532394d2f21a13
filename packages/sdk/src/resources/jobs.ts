import type { RequestOptions, Transport } from "../calls/transport.ts";

/** Long work, such as a replay. */
export interface Job {
  id: string;
  kind: string;
  state: "waiting" | "running" | "done" | "stopped" | "failed";
  done: number;
  /** How many were meant when it was asked for. */
  total: number | null;
  error: string | null;
  created_at: string;
  updated_at: string;
  finished_at: string | null;
}

export type Jobs = ReturnType<typeof jobCalls>;

export function jobCalls(call: Transport) {
  return {
    get: (id: string, options?: RequestOptions) =>
      call<Job>({ method: "GET", path: ["jobs", id], options }),
    /** What it has done stays done. */
    stop: (id: string, options?: RequestOptions) =>
      call<Job>({ method: "POST", path: ["jobs", id, "stop"], isRepeatable: true, options }),
  };
}
