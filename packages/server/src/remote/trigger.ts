import { type Ask, Refused } from "./server.ts";

export interface TriggerWish {
  type: string;
  /** What the event holds; null for its type's example. */
  data: Record<string, unknown> | null;
  /** Members that are put in place of the example's: `lead.email`, and what it is to be. */
  changes: readonly (readonly [path: string, value: unknown])[];
  /** `channel`, `account_id`, `conversation_id`, `campaign_id`. */
  about: Readonly<Record<string, string>>;
  /** Nothing but this endpoint gets it, and nothing is kept. */
  endpoint: string | null;
  asJson: boolean;
}

interface ShownType {
  type: string;
  description: string;
  operational: boolean;
  is_own: boolean;
  example: Record<string, unknown> | null;
}

interface Tested {
  event_id: string;
  event_type: string;
  delivered: boolean;
  status: number | null;
  ms: number;
  response: string | null;
  error: string | null;
}

interface Outcome {
  endpoint_id: string;
  endpoint_name: string;
  outcome: string;
  detail: string;
}

export interface TriggerDeps {
  ask: Ask;
  print(text: string): void;
}

/** Publishes a sample event, or sends one to a single endpoint. Gives the exit code. */
export async function trigger(wish: TriggerWish, deps: TriggerDeps): Promise<number> {
  return wish.endpoint === null ? publish(wish, deps) : test(wish, wish.endpoint, deps);
}

async function publish(wish: TriggerWish, { ask, print }: TriggerDeps): Promise<number> {
  const { type, changes, about, asJson } = wish;
  const data = changed(wish.data ?? (await exampleOf(type, ask)), changes);
  const answer = await ask<{ id: string; warnings?: { detail: string }[] }>("POST", "/events", {
    ...{ type, data, ...about },
  });
  if (asJson) {
    print(JSON.stringify(answer));
    return 0;
  }
  print(`Published ${type}: ${answer.id}`);
  for (const { detail } of answer.warnings ?? []) print(`Warning: ${detail}`);
  for (const line of await destinations(answer.id, ask)) print(line);
  return 0;
}

/** What is sent as the sample of a type: nothing, where it has none. */
async function exampleOf(type: string, ask: Ask): Promise<Record<string, unknown>> {
  const { data: types } = await ask<{ data: Pick<ShownType, "type">[] }>("GET", "/event-types");
  if (!types.some((each) => each.type === type)) return {};
  const found = await ask<ShownType>("GET", `/event-types/${encodeURIComponent(type)}`);
  const { example, is_own: isOwn } = found;
  if (isOwn) return example ?? {};
  // Of the catalogue's types the example is a whole body.
  return (example?.["data"] ?? {}) as Record<string, unknown>;
}

/** Puts values where paths say, without a change to what was given. */
function changed(
  data: Record<string, unknown>,
  changes: TriggerWish["changes"],
): Record<string, unknown> {
  const all = structuredClone(data);
  for (const [path, value] of changes) {
    const names = path.split(".");
    const last = names.pop() ?? "";
    let at = all;
    for (const name of names) {
      if (!isObject(at[name])) at[name] = {};
      at = at[name] as Record<string, unknown>; // an object by now
    }
    at[last] = value;
  }
  return all;
}

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null;
}

/** Where an event goes, and why not to the others, as far as the key may know. */
async function destinations(id: string, ask: Ask): Promise<string[]> {
  const found = await ask<{ data: Outcome[] }>("GET", `/events/${id}/why?limit=100`).catch(
    (error: unknown) => {
      if (error instanceof Refused) return { data: [] };
      throw error;
    },
  );
  return found.data.map(({ endpoint_name: name, endpoint_id: endpoint, outcome, detail }) =>
    outcome === "left_out"
      ? `  not to ${name} (${endpoint}): ${detail}`
      : `  to ${name} (${endpoint})`,
  );
}

/** A test is what the endpoint's dialect has as the sample of a type. */
async function test(
  { type, asJson }: TriggerWish,
  endpoint: string,
  { ask, print }: TriggerDeps,
): Promise<number> {
  const tested = await ask<Tested>("POST", `/endpoints/${encodeURIComponent(endpoint)}/test`, {
    type,
  });
  if (asJson) print(JSON.stringify(tested));
  else {
    const { event_type: sent, status, ms, error, response } = tested;
    print(`Sent ${sent} to ${endpoint} alone: ${status ?? error ?? "no answer"} (${ms} ms)`);
    if (!tested.delivered && error !== null && status !== null) print(`  ${error}`);
    if (!tested.delivered && response) print(`  ${response.split("\n")[0]}`);
  }
  return tested.delivered ? 0 : 1;
}

/** The types that there are, each in a line. Gives the exit code. */
export async function listTypes(
  { asJson }: { asJson: boolean },
  { ask, print }: TriggerDeps,
): Promise<number> {
  const { data } = await ask<{ data: ShownType[] }>("GET", "/event-types");
  if (asJson) print(JSON.stringify(data));
  else {
    const longest = Math.max(...data.map(({ type }) => type.length));
    for (const { type, description } of data) print(`${type.padEnd(longest)}  ${description}`);
  }
  return 0;
}
