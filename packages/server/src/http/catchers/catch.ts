import type { Context } from "hono";
import { CurlewError } from "../../core/errors.ts";
import type { Queryable } from "../../core/events/recording.ts";
import { parseId } from "../../core/ids.ts";
import type { Clock } from "../../core/outside/clock.ts";
import { type Diagnosis, diagnose } from "../../dialects/doctor/diagnose.ts";
import { DIAGNOSED } from "../../dialects/doctor/schemes.ts";
import type { Vault } from "../../runtime/secrets/vault.ts";
import {
  type Catcher,
  findOpenCatcher,
  keepCaught,
  listEndpointsAt,
} from "../../storage/endpoints/catchers.ts";
import { listSealedSecrets } from "../../storage/endpoints/endpoint-secrets.ts";
import { secretPlace } from "../../storage/endpoints/endpoints.ts";
import { isPurgingAnywhere } from "../../storage/workspaces/settings-levels.ts";
import { newRoutes, type Routes } from "../api.ts";
import { bodyTooLarge } from "../problems/problem.ts";
import { FairShare } from "../turns/fair-share.ts";

/** Events are smaller; what is longer is cut when it is kept, not when it is verified. */
const KEEP_BYTES = 512 * 1024;

const MAX_BYTES = 1024 * 1024;
/** Whatever comes, connections to the database are left for others, and memory. */
const KEEPING = { most: 4, mostOfOne: 3, mostWaiting: 32 * MAX_BYTES };
/** What a request is in memory besides its body. */
const OVERHEAD_BYTES = 4 * 1024;

/** What a caught request's signature is worth, by one endpoint's secret. */
export interface Verdict extends Diagnosis {
  endpointId: string;
  serial: number;
}

export interface CatchDeps {
  db: Queryable;
  clock: Pick<Clock, "now" | "sleep">;
  newId(): string;
  vault: Vault;
  /** Where a catcher is, as endpoints name it. */
  urlOf(catcherId: string): string;
}

/** Where webhooks are caught. Open to the world: whoever knows the address may write to it, and read nothing. */
export function catchRoutes(deps: CatchDeps): Routes {
  const routes = newRoutes();
  const { db, clock } = deps;

  const keeping = new FairShare({ ...KEEPING, refuse: tooMuch });

  routes.all("/catch/:id", async (c) => {
    const receivedAt = clock.now();
    const id = parseId("cat", c.req.param("id"));
    const catcher = id === null ? null : await findOpenCatcher(db, id);
    if (!catcher) throw new CurlewError("not_found", `There is nothing at ${c.req.path}.`);
    const response = await take(c, catcher, receivedAt);
    // Nothing of the request is held but its connection: the wait is long, and many may wait.
    if (catcher.delayMs > 0) await clock.sleep(catcher.delayMs, c.req.raw.signal);
    return response;
  });

  async function take(c: Context, catcher: Catcher, receivedAt: number): Promise<Response> {
    const raw = await readBody(c);
    const { workspaceId } = catcher;
    await keeping.pass({ workspaceId, weight: raw.length + OVERHEAD_BYTES }, async () => {
      const headers = [...c.req.raw.headers];
      const verdict = await judge(deps, catcher, { raw, headers, receivedAt });
      // Anybody's endpoint may point here, and what it was sent may be what is kept nowhere.
      const isKept = !(await isPurgingAnywhere(db));
      const caught = {
        id: deps.newId(),
        catcherId: catcher.id,
        receivedAt,
        method: c.req.method,
        headers: JSON.stringify(headers),
        body: isKept ? raw.subarray(0, KEEP_BYTES) : null,
        bodyBytes: raw.length,
        answered: catcher.status,
        endpointId: verdict?.endpointId ?? null,
        verdict: verdict && JSON.stringify(verdict),
      };
      await keepCaught(db, caught, catcher.keep);
    });
    return answer(catcher.status, raw);
  }
  return routes;
}

/** The whole of it, which is nobody else's: what the framework reads stays in memory until the answer has left. */
async function readBody(c: Context): Promise<Buffer> {
  if (Number(c.req.header("content-length") ?? 0) > MAX_BYTES) throw bodyTooLarge(MAX_BYTES);
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of c.req.raw.body ?? []) {
    bytes += piece.length;
    if (bytes > MAX_BYTES) throw bodyTooLarge(MAX_BYTES);
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

function tooMuch(): CurlewError {
  return new CurlewError(
    "too_many_requests",
    "More comes to the catchers of this workspace than can be written down.",
    { retryAfterS: 1 },
  );
}

/** A catcher that answers well also proves that it wants what it gets, as any receiver must. */
function answer(status: number, raw: Buffer): Response {
  const proof = status < 300 ? proofIn(raw) : null;
  const headers = { "content-type": proof ? "application/json" : "text/plain; charset=utf-8" };
  const hasBody = status !== 204 && status !== 205 && status !== 304;
  const body = hasBody ? (proof ?? `Caught, and answered ${status}.`) : null;
  return new Response(body, { status, headers });
}

/** The answer to a verification: the token that it came with. */
function proofIn(raw: Buffer): string | null {
  if (raw.length > 4096) return null;
  const body = asObject(raw.toString("utf8"));
  if (body?.["event"] === "webhook.verify" && typeof body["verifyToken"] === "string") {
    return JSON.stringify({ verifyToken: body["verifyToken"] });
  }
  if (body?.["type"] === "endpoint.challenge" && typeof body["token"] === "string") {
    return JSON.stringify({ token: body["token"] });
  }
  return null;
}

function asObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? { ...value } : null;
  } catch {
    return null;
  }
}

/**
 * By the secrets that count now of every endpoint that sends here: the first that fits, else the one
 * that comes nearest. Null where no endpoint does.
 */
async function judge(
  { db, vault, urlOf }: CatchDeps,
  catcher: { id: string; workspaceId: string },
  {
    raw,
    headers,
    receivedAt: now,
  }: { raw: Buffer; headers: [string, string][]; receivedAt: number },
): Promise<Verdict | null> {
  const given = Object.fromEntries(headers);
  const body = raw.toString("utf8");
  let nearest: Verdict | null = null;
  for (const endpoint of await listEndpointsAt(db, catcher.workspaceId, urlOf(catcher.id))) {
    const dialect = DIAGNOSED.find((name) => name === endpoint.dialect);
    if (!dialect) continue;
    for (const { id, sealed } of await listSealedSecrets(db, endpoint.id, now)) {
      const secret = vault.open(sealed, secretPlace(id));
      const found = diagnose({ headers: given, body, secret, dialect, now });
      const verdict = { ...found, endpointId: endpoint.id, serial: endpoint.serial };
      if (found.accepted) return verdict;
      if (!nearest || found.findings.length < nearest.findings.length) nearest = verdict;
    }
  }
  return nearest;
}
