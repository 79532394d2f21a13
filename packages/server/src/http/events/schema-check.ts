import { Validator } from "@cfworker/json-schema";
import { LRUCache } from "lru-cache";
import { EVENT_SCHEMAS } from "../../core/events/event-schemas.ts";
import { isCatalogued } from "../../core/events/event-types.ts";
import type { Queryable } from "../../core/events/recording.ts";
import { listOwnTypes } from "../../storage/events/event-types.ts";
import { fieldRefused } from "../api.ts";
import { schemaRefusal } from "./schema-words.ts";

const MOST_WORKSPACES = 1_000;

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

/** The schemas that published events are held against: the catalogue's, and those of workspaces' own types. */
export class SchemaCheck {
  readonly #db: Queryable;
  readonly #known = new LRUCache<string, Promise<ReadonlyMap<string, Validator>>>({
    max: MOST_WORKSPACES,
  });

  constructor(db: Queryable) {
    this.#db = db;
  }

  /** Forgets what it knows of a workspace, or of all. */
  invalidate(workspaceId: string | null): void {
    if (workspaceId === null) this.#known.clear();
    else this.#known.delete(workspaceId);
  }

  /** Refuses data that its type's schema does not allow, with a pointer to what is at fault. */
  async require(
    workspaceId: string,
    events: readonly { type: string; data: object; pointer: string }[],
  ): Promise<void> {
    const own = await this.#validatorsOf(workspaceId);
    for (const { type, data, pointer } of events) {
      const validator = isCatalogued(type) ? cataloguedValidator(type) : own.get(type);
      const result = validator?.validate(data);
      if (result === undefined || result.valid) continue;
      const { place, words } = schemaRefusal(result.errors);
      const detail = `${words}, by the schema of ${type}`;
      throw fieldRefused(`${pointer}${place}`, detail, "event_schema");
    }
  }

  #validatorsOf(workspaceId: string): Promise<ReadonlyMap<string, Validator>> {
    const known = this.#known.get(workspaceId);
    if (known) return known;
    const reading = this.#read(workspaceId);
    this.#known.set(workspaceId, reading);
    reading.catch(() => this.#known.delete(workspaceId));
    return reading;
  }

  async #read(workspaceId: string): Promise<ReadonlyMap<string, Validator>> {
    const validators = new Map<string, Validator>();
    for (const { type, schema } of await listOwnTypes(this.#db, workspaceId)) {
      if (schema !== null) validators.set(type, validatorOf(JSON.parse(schema) as object));
    }
    return validators;
  }
}

/** `schema` has passed `schemaProblems`. */
export function validatorOf(schema: object | boolean): Validator {
  return new Validator(schema, "2020-12", false);
}
