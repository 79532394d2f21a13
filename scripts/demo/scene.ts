import { type DemoAnswer, type DemoRequest, perform } from "./curl.ts";
import { DemoFailure, within } from "./failure.ts";
import type { Arrival } from "./receiver.ts";
import type { Screen } from "./screen.ts";
import type { Stage } from "./stage.ts";

const STEP_MS = 30_000;

export type Scene = ReturnType<typeof createScene>;

/** What each part of the story does with the stage: requests that are shown, webhooks that are awaited. */
export function createScene(stage: Stage, screen: Screen, enough: AbortSignal) {
  const { curlew, meta, receiver } = stage;
  const authorization = { Authorization: `Bearer ${stage.adminKey}` };
  const inTime = <T>(what: string, work: Promise<T>) => within(what, STEP_MS, work, enough);

  return {
    ...{ stage, screen, inTime },
    get: (path: string): DemoRequest => ({
      ...{ method: "GET", url: `${curlew.url}/v1${path}`, headers: authorization },
    }),
    post: (path: string, body?: object, headers = {}): DemoRequest => ({
      method: "POST",
      url: `${curlew.url}/v1${path}`,
      headers: body
        ? { ...authorization, "Content-Type": "application/json", ...headers }
        : authorization,
      ...(body && { body }),
    }),
    /** A command to the simulator. */
    control: (path: string, body: object): DemoRequest => ({
      ...{ method: "POST", url: `${meta.url}/_control/${path}`, body },
    }),
    /** Shows the command and makes the request; a DemoFailure when it is answered otherwise. */
    async ask(request: DemoRequest, expected: number): Promise<DemoAnswer> {
      screen.curl(request);
      const name = `${request.method} ${new URL(request.url).pathname}`;
      const answer = await inTime(`The answer to ${name}`, perform(request));
      if (answer.status === expected) return answer;
      throw new DemoFailure(
        `${name} was answered ${answer.status}, not ${expected}: ${JSON.stringify(answer.body)}`,
      );
    },
    /** The webhook that fits, once it is there; a DemoFailure when it does not verify. */
    async comes(what: string, fits: (arrival: Arrival) => boolean): Promise<Arrival> {
      const arrival = await inTime(`The webhook ${what}`, receiver.first(fits));
      if (arrival.problem === null) return arrival;
      throw new DemoFailure(`The webhook ${what} could not be verified: ${arrival.problem}`);
    },
  };
}

export function textAt({ body }: DemoAnswer, name: string): string {
  return fieldOf(body, name);
}

export function listAt({ body }: DemoAnswer, name: string): unknown[] {
  const list = memberOf(body, name);
  return Array.isArray(list) ? list : [];
}

export function fieldOf(object: unknown, name: string): string {
  return String(memberOf(object, name) ?? "");
}

function memberOf(object: unknown, name: string): unknown {
  return typeof object === "object" && object !== null ? Reflect.get(object, name) : undefined;
}
