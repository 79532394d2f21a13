import type { DescribedRoute } from "./described-routes.ts";

/** A request that somebody tries. */
export interface Try {
  /** What it is called when it gets further than it should. */
  name: string;
  method: string;
  /** With its query. */
  path: string;
  headers?: Record<string, string>;
  body?: unknown;
}

export interface Outcome {
  status: number;
  text: string;
}

export type Ask = (request: Try) => Promise<Outcome>;

/** A request that means nobody: ids that there are not, and no body. */
export function emptyTry({
  name,
  method,
  path,
}: Pick<DescribedRoute, "name" | "method" | "path">): Try {
  return { name, method, path: path.replace(/\{\w+\}/g, "nobody") };
}

/** Those that are not answered with this status. */
export async function notAnswered(
  status: number,
  tries: readonly Try[],
  ask: Ask,
): Promise<string[]> {
  const others: string[] = [];
  for (const each of tries) {
    const outcome = await ask(each);
    if (outcome.status !== status) others.push(`${each.name}: ${outcome.status}`);
  }
  return others;
}

/** Those that lead somewhere, or tell anything of what is not the asker's. */
export async function findTrespasses(
  tries: readonly Try[],
  ask: Ask,
  theirs: readonly string[],
): Promise<string[]> {
  const holes: string[] = [];
  for (const each of tries) {
    const outcome = await ask(each);
    const said = JSON.stringify([each.path, each.headers, each.body]);
    const leaked = theirs.filter((text) => outcome.text.includes(text) && !said.includes(text));
    if (leaked.length > 0) holes.push(`${each.name}: tells ${leaked.join(", ")}`);
    if (!foundNothing(outcome)) holes.push(`${each.name}: ${outcome.status} ${outcome.text}`);
  }
  return holes;
}

/** It is not there, or not allowed; or what was asked for is an empty list, or nothing that is done. */
function foundNothing({ status, text }: Outcome): boolean {
  if (status === 403 || status === 404) return true;
  if (status === 422) return /there is no|nobody of this name|to whom/i.test(text);
  if (status !== 200 && status !== 202) return false;
  if (text === "") return true;
  const body: unknown = JSON.parse(text);
  if (typeof body !== "object" || body === null) return false;
  if ("data" in body) return Array.isArray(body.data) && body.data.length === 0;
  return "count" in body && body.count === 0;
}
