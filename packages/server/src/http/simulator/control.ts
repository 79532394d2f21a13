import { CurlewError } from "../../core/errors.ts";
import type { ProviderClient } from "../../runtime/network/provider-client.ts";

const DEADLINE_MS = 15_000;

/** Commands for the simulator, over HTTP as anybody gives them. */
export interface SimulatorControl {
  get(path: string): Promise<Json>;
  post(path: string, body: object): Promise<Json>;
  delete(path: string): Promise<Json>;
}

export type Json = Readonly<Record<string, unknown>>;

/** What the simulator cannot do is refused in its own words. */
export function simulatorControl(
  http: Pick<ProviderClient, "request">,
  base: string,
): SimulatorControl {
  const ask = async (method: "GET" | "POST" | "DELETE", path: string, body?: object) => {
    const answer = await http.request({
      method,
      url: `${base}/_control/${path}`,
      headers: { "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      deadlineMs: DEADLINE_MS,
    });
    if (answer.kind === "failed") {
      throw new CurlewError("unavailable", `The simulator did not answer: ${answer.detail}.`);
    }
    const told: Json = JSON.parse(answer.body) as Json; // the simulator writes nothing but objects
    if (answer.status === 200) return told;
    throw new CurlewError("invalid_request", String(told["error"] ?? "The simulator refuses it."));
  };
  return {
    get: (path) => ask("GET", path),
    post: (path, body) => ask("POST", path, body),
    delete: (path) => ask("DELETE", path),
  };
}
