import { wholeList } from "../calls/page.ts";
import type { RequestOptions, Transport } from "../calls/transport.ts";

/** One thing that is watched. */
export interface HealthEntry {
  name: string;
  level: "ok" | "warning" | "critical";
  value: number;
  unit: "seconds" | "rows" | "days" | "processes" | "messages" | "deliveries";
  detail: string;
  /** What to do; null where nothing is to be done. */
  advice: string | null;
}

export interface ServerInfo {
  version: string;
  database: string;
  /** How many work now. */
  processes: number;
}

/** How the instance stands, the worst first; for its admin key. */
export function healthCall(call: Transport) {
  return (options?: RequestOptions) => wholeList<HealthEntry>(call, { path: ["health"], options });
}

/** Which server this is. */
export function serverCall(call: Transport) {
  return (options?: RequestOptions) =>
    call<ServerInfo>({ method: "GET", path: ["server"], options });
}
