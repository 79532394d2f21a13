import { Validator } from "@cfworker/json-schema";
import { LRUCache } from "lru-cache";
import { EVENT_SCHEMAS } from "../../core/events/event-schemas.ts";
import { isCatalogued } from "../../core/events/event-types.ts";
import type { Queryable } from "../../core/events/recording.ts";
import { meantBy } from "../../core/events/type-slips.ts";
import { findForeignName } from "../../dialects/foreign-names.ts";
import { listOwnTypes } from "../../storage/events/event-types.ts";
import { fieldRefused } from "../api.ts";
import { schemaRefusal } from "./schema-words.ts";

const MOST_WORKSPACES = 1_000;
/** Types of a workspace's own of which it is kept in mind what they may be slips of. */
const MOST_TYPES = 1_000;

const catalogued = new Map<string, Validator>();

/** Of a type of the catalogue, made when the first event of it is published. */
function cataloguedValidator(type: string): Validator | undefined {
  const schema = EVENT_SCHEMAS[type];
  const known = catalogued.get(type);
  if (known !== undefined || schema === undefined) return known;
  const made = validatorOf(schema);
  catalogued.set(type, made);
  return made;
}

/** What a workspace has said of types of its own. */
interface OwnTypes {
  validators: ReadonlyMap<string, Validator>;
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

const NONE: readonly Slip[] = [];

/** The schemas that published events are held against: the catalogue's, and those of workspaces' own types. */
export class SchemaCheck {
  readonly #db: Queryable;
  readonly #known = new LRUCache<string, Promise<OwnTypes>>({ max: MOST_WORKSPACES });

  constructor(db: Queryable) {
    this.#db = db;
  }

  /** Forgets what it knows of a workspace, or of all. */
  invalidate(workspaceId: string | null): void {
    if (workspaceId === null) this.#known.clear();
    else this.#known.delete(workspaceId);
  }

  /**
   * Refuses data that its type's schema does not allow, with a pointer to what is at fault. Answers whose
   * type is probably a slip: the first of each type.
   */
  async require(
    workspaceId: string,
    events: readonly { type: string; data: object; pointer: string }[],
  ): Promise<readonly Slip[]> {
    const own = await this.#ownTypesOf(workspaceId);
    let slips = NONE;
    let at = -1;
    for (const { type, data, pointer } of events) {
      at++;
      const isKnown = isCatalogued(type);
      const meant = isKnown ? null : meantIn(own, type);
      if (meant !== null && !slips.some((slip) => slip.type === type)) {
        slips = [...slips, { at, type, meant }];
      }
      const validator = isKnown ? cataloguedValidator(type) : own.validators.get(type);
      const result = validator?.validate(data);
      if (result === undefined || result.valid) continue;
      const { place, words } = schemaRefusal(result.errors);
      const detail = `${words}, by the schema of ${type}`;
      throw fieldRefused(`${pointer}${place}`, detail, "event_schema");
    }
    return slips;
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
    const validators = new Map<string, Validator>();
    const types = await listOwnTypes(this.#db, workspaceId);
    for (const { type, schema } of types) {
      if (schema !== null) validators.set(type, validatorOf(JSON.parse(schema) as object));
    }
    return { validators, described: types.map(({ type }) => type), meant: new Map() };
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

/** `schema` has passed `schemaProblems`. */
export function validatorOf(schema: object | boolean): Validator {
  return new Validator(schema, "2020-12", false);
}
