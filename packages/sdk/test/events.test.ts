import { join } from "node:path";
import ts from "typescript";
import { expect, test } from "vitest";
import { message } from "../../server/src/core/events/content-schema.ts";
import { EVENT_SCHEMAS } from "../../server/src/core/events/event-schemas.ts";
import type { JsonSchema } from "../../server/src/core/events/schema-parts.ts";

const HERE = import.meta.dirname;
/** The compiler is loaded, on cores that others use too. */
const LIMIT_MS = 60_000;

/** What the SDK says more exactly than the catalogue's schema does. */
const REFINED: ReadonlyMap<string, string> = new Map([
  ["message.failed error", "sdk.MessageError"],
  ["message.media_failed media", "Partial<sdk.MediaFile>"],
]);
/** Lines may leave an import out, and look at nothing of Node. */
const LOOSE = { noUnusedLocals: false, types: [] };
/** Told by Curlew alone, and then whole; what others publish needs no more than the content. */
const PUBLISHED = /^outreach\./;

test(
  "what the SDK says of the data of each event type is what the catalogue says",
  () => {
    const types = Object.keys(EVENT_SCHEMAS);
    expect(types.length).toBeGreaterThan(60);
    const faults = faultsOf([
      ...types.map(
        (type) => `same<sdk.EventData["${type}"], ${typeOf(EVENT_SCHEMAS[type], type)}>();`,
      ),
      `same<keyof sdk.EventData, ${types.map((type) => `"${type}"`).join(" | ")}>();`,
      'same<sdk.EventMessage, Omit<ReturnType<typeof messageObject>, "id"> & { id: string }>();',
      "same<sdk.Content, Content>();",
    ]);
    expect(faults).toEqual([]);
  },
  LIMIT_MS,
);

test(
  "the check sees a member too many, one that is missing, and one of another type",
  () => {
    const faults = faultsOf([
      'same<sdk.EventData["number.provisioned"], { number: string }>();',
      'same<sdk.EventData["number.provisioned"], { number: string; more?: string }>();',
      'same<sdk.EventData["number.provisioned"], {}>();',
      'same<sdk.EventData["number.provisioned"], { number: string | null }>();',
    ]);
    expect(faults).toHaveLength(3);
  },
  LIMIT_MS,
);

/** The type of what a schema allows, as TypeScript; `at` is the event's type and the member that is looked at. */
function typeOf(schema: JsonSchema | undefined, at: string): string {
  const refined = REFINED.get(at);
  if (refined !== undefined) return refined;
  if (isMessage(schema)) return messageType(at);
  const {
    type,
    properties,
    items,
    anyOf,
    enum: values,
    required,
  } = (schema ?? {}) as {
    type?: string | string[];
    properties?: Record<string, JsonSchema>;
    items?: JsonSchema;
    anyOf?: JsonSchema[];
    enum?: string[];
    required?: string[];
  };
  if (values) return values.map((value) => JSON.stringify(value)).join(" | ");
  if (anyOf) return anyOf.map((each) => typeOf(each, at)).join(" | ");
  if (type === undefined) return "unknown";
  if (type === "array") return `(${typeOf(items, at)})[]`;
  if (properties) {
    const members = Object.entries(properties).map(([name, member]) => {
      const mark = required?.includes(name) ? "" : "?";
      return `${name}${mark}: ${typeOf(member, `${at.split(" ")[0]} ${name}`)}`;
    });
    return `{ ${members.join("; ")} }`;
  }
  return [type].flat().map(plainType).join(" | ");
}

function plainType(name: string): string {
  if (name === "object") return "Record<string, unknown>";
  return name === "integer" ? "number" : name;
}

function isMessage(schema: JsonSchema | undefined): boolean {
  return JSON.stringify(schema) === JSON.stringify(message);
}

function messageType(at: string): string {
  if (!PUBLISHED.test(at)) return "sdk.EventMessage";
  return 'Pick<sdk.EventMessage, "content"> & Partial<Omit<sdk.EventMessage, "content">>';
}

/** What the compiler has against these lines, one message a line. */
function faultsOf(lines: readonly string[]): string[] {
  const file = join(HERE, "events.planted.ts");
  const source = [
    'import type * as sdk from "../src/index.ts";',
    'import type { Same } from "./wire/operations.ts";',
    'import type { Content } from "../../server/src/core/messages/content.ts";',
    'import type { messageObject } from "../../server/src/core/events/envelope.ts";',
    "declare function same<A, B>(...same: Same<A, B> extends true ? [] : [B]): void;",
    ...lines,
  ].join("\n");
  const path = ts.findConfigFile(HERE, ts.sys.fileExists) ?? "";
  const { config } = ts.readConfigFile(path, ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, join(HERE, ".."));
  const host = ts.createCompilerHost({ ...options, ...LOOSE });
  const { getSourceFile } = host;
  host.getSourceFile = (name, ...rest) =>
    name === file
      ? ts.createSourceFile(name, source, ts.ScriptTarget.ES2022)
      : getSourceFile(name, ...rest);
  const program = ts.createProgram([file], { ...options, ...LOOSE }, host);
  return ts
    .getPreEmitDiagnostics(program, program.getSourceFile(file))
    .map(({ start = 0 }) => source.slice(0, start).split("\n").length - 6)
    .map((at) => lines[at] ?? "the imports");
}
