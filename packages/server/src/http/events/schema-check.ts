import { LRUCache } from "lru-cache";
import { CurlewError } from "../../core/errors.ts";
import { EVENT_SCHEMAS } from "../../core/events/event-schemas.ts";
import { isCatalogued } from "../../core/events/event-types.ts";
import type { Queryable } from "../../core/events/recording.ts";
import { meantBy } from "../../core/events/type-slips.ts";
import type { Clock } from "../../core/outside/clock.ts";
import { findForeignName } from "../../dialects/foreign-names.ts";
import { withinTime } from "../../runtime/time-limit.ts";
import { listOwnTypes } from "../../storage/events/event-types.ts";
import { fieldRefused } from "../api.ts";
import {
  type HeldSchema,
  heldSchema,
  isLittleWork,
  LONGEST_CHECK_MS,
  type Misfit,
  misfitOf,
} from "./held-schema.ts";

const MOST_WORKSPACES = 1_000;
/** Types of a workspace's own of which it is kept in mind what they may be slips of. */
const MOST_TYPES = 1_000;
/** Whose schemas took too long has to wait: so they take a small part of everybody's time. */
const REST_S = 60;

const catalogued = new Map<string, HeldSchema>();

/** Of a type of the catalogue, made when the first event of it is published. */
function cataloguedSchema(type: string): HeldSchema | undefined {
  const schema = EVENT_SCHEMAS[type];
  const known = catalogued.get(type);
  if (known !== undefined || schema === undefined) return known;
  const made = heldSchema(schema);
  catalogued.set(type, made);
  return made;
}

/** What a workspace has said of types of its own. */
interface OwnTypes {
  schemas: ReadonlyMap<string, HeldSchema>;
  described: readonly string[];
  /** By types that came, and that nobody has described: what they were probably meant to be. */
  meant: Map<string, string | null>;
}

/** An event whose type is probably a slip. */
export interface Slip {
  /** Its place among the events. */
  at: number;
  type: string;
  meant: string;
}

interface Published {
  type: string;
  data: object;
  /** Where its data stands in the request. */
  pointer: string;
}

interface Held extends Published {
  schema: HeldSchema;
}

const NONE: readonly Slip[] = [];

/** The schemas that published events are held against: the catalogue's, and those of workspaces' own types. */
export class SchemaCheck {
  readonly #db: Queryable;
  readonly #clock: Pick<Clock, "monotonic">;
  readonly #known = new LRUCache<string, Promise<OwnTypes>>({ max: MOST_WORKSPACES });
  /** Until when nothing is checked that may take long. */
  readonly #resting = new LRUCache<string, number>({ max: MOST_WORKSPACES });

  constructor(db: Queryable, clock: Pick<Clock, "monotonic">) {
    this.#db = db;
    this.#clock = clock;
  }

  /** Forgets what it knows of a workspace, or of all. */
  invalidate(workspaceId: string | null): void {
    if (workspaceId === null) this.#known.clear();
    else this.#known.delete(workspaceId);
  }

  /**
   * Refuses data that its type's schema does not allow, with a pointer to what is at fault. Answers whose
   * type is probably a slip: the first of each type. `length` is that of all the events as text.
   */
  async require(
    workspaceId: string,
    events: readonly Published[],
    length: number,
  ): Promise<readonly Slip[]> {
    const own = await this.#ownTypesOf(workspaceId);
    let slips = NONE;
    let held: Held[] | null = null;
    let at = -1;
    for (const { type, data, pointer } of events) {
      at++;
      const isKnown = isCatalogued(type);
      const meant = isKnown ? null : meantIn(own, type);
      if (meant !== null && !slips.some((slip) => slip.type === type)) {
        slips = [...slips, { at, type, meant }];
      }
      const schema = isKnown ? cataloguedSchema(type) : own.schemas.get(type);
      if (schema === undefined) continue;
      held ??= [];
      held.push({ type, data, pointer, schema });
    }
    if (held !== null) this.#requireFitting(workspaceId, held, length);
    return slips;
  }

  #requireFitting(workspaceId: string, held: readonly Held[], length: number): void {
    const weight = Math.max(...held.map(({ schema }) => schema.weight));
    const found = isLittleWork(weight, length)
      ? firstMisfit(held)
      : this.#firstMisfitInTime(workspaceId, held);
    if (found === null) return;
    const { type, pointer, misfit } = found;
    const detail = `${misfit.words}, by the schema of ${type}`;
    throw fieldRefused(`${pointer}${misfit.place}`, detail, "event_schema");
  }

  #firstMisfitInTime(workspaceId: string, held: readonly Held[]): Found | null {
    const now = this.#clock.monotonic();
    const restsUntil = this.#resting.get(workspaceId) ?? now;
    if (restsUntil > now) throw tooLong(Math.ceil((restsUntil - now) / 1_000));
    const found = withinTime(LONGEST_CHECK_MS, () => firstMisfit(held));
    if (found.kind === "done") return found.value;
    this.#resting.set(workspaceId, now + REST_S * 1_000);
    throw tooLong(REST_S);
  }

  #ownTypesOf(workspaceId: string): Promise<OwnTypes> {
    const known = this.#known.get(workspaceId);
    if (known) return known;
    const reading = this.#read(workspaceId);
    this.#known.set(workspaceId, reading);
    reading.catch(() => this.#known.delete(workspaceId));
    return reading;
  }

  async #read(workspaceId: string): Promise<OwnTypes> {
    const schemas = new Map<string, HeldSchema>();
    const types = await listOwnTypes(this.#db, workspaceId);
    for (const { type, schema } of types) {
      if (schema !== null) schemas.set(type, heldSchema(JSON.parse(schema) as object, schema));
    }
    return { schemas, described: types.map(({ type }) => type), meant: new Map() };
  }
}

/** Looked for once a type: the same few come again and again. */
function meantIn({ described, meant }: OwnTypes, type: string): string | null {
  const known = meant.get(type);
  if (known !== undefined) return known;
  if (meant.size >= MOST_TYPES) meant.clear();
  const found = described.includes(type)
    ? null
    : (findForeignName(type)?.type ?? meantBy(type, described));
  meant.set(type, found);
  return found;
}

interface Found extends Held {
  misfit: Misfit;
}

function firstMisfit(held: readonly Held[]): Found | null {
  for (const each of held) {
    const misfit = misfitOf(each.schema, each.data);
    if (misfit !== null) return { ...each, misfit };
  }
  return null;
}

function tooLong(retryAfterS: number): CurlewError {
  return new CurlewError(
    "unavailable",
    "To hold this against the schemas of its types takes too long: make their patterns, references and lists simpler.",
    { retryAfterS },
  );
}
