import { ControlError, fieldsOf } from "../control/input.ts";
import { isObject, type JsonObject } from "../json.ts";
import { newObjectId } from "../meta/ids.ts";

const CATEGORIES = ["MARKETING", "UTILITY", "AUTHENTICATION"] as const;
const STATUSES = ["APPROVED", "PENDING", "REJECTED", "PAUSED", "DISABLED"] as const;

/** A message template as `GET /{waba}/message_templates` shows it. */
export interface Template {
  id: string;
  name: string;
  language: string;
  category: (typeof CATEGORIES)[number];
  status: (typeof STATUSES)[number];
  parameter_format: "POSITIONAL" | "NAMED";
  components: JsonObject[];
  waba_id: string;
}

export interface TemplateInput {
  name: string;
  language?: string;
  category?: Template["category"];
  status?: Template["status"];
  parameter_format?: Template["parameter_format"];
  waba_id?: string;
  /** Short for one BODY component with this text. */
  body?: string;
  components?: JsonObject[];
}

/** The catalogue of every business account. */
export function createTemplates() {
  const catalogue = new Map<string, Template>();
  const key = (wabaId: string, name: string, language: string) => `${wabaId}\n${name}\n${language}`;

  return {
    find: (wabaId: string, name: string, language: string) =>
      catalogue.get(key(wabaId, name, language)),
    ofAccount: (wabaId: string) =>
      [...catalogue.values()].filter((template) => template.waba_id === wabaId),
    /** Adds a template, or replaces the one of the same name and language. */
    put(input: unknown, defaultWabaId: string): Template {
      const fields = fieldsOf(input, "templates");
      const name = fields.requiredText("name");
      if (!/^[a-z0-9_]{1,512}$/.test(name)) {
        throw new ControlError('templates: "name" may hold only a-z, 0-9 and _.');
      }
      const body = fields.text("body");
      const components = fields.list("components") ?? [{ type: "BODY", text: body ?? "Hello" }];
      if (!components.every(isObject)) {
        throw new ControlError('templates: "components" must be a list of objects.');
      }
      const template: Template = {
        id: newObjectId(),
        name,
        language: fields.text("language") ?? "en_US",
        category: fields.choice("category", CATEGORIES) ?? "UTILITY",
        status: fields.choice("status", STATUSES) ?? "APPROVED",
        parameter_format:
          fields.choice("parameter_format", ["POSITIONAL", "NAMED"]) ?? "POSITIONAL",
        components: components.filter(isObject),
        waba_id: fields.text("waba_id") ?? defaultWabaId,
      };
      fields.done();
      catalogue.set(key(template.waba_id, name, template.language), template);
      return template;
    },
    clear: () => catalogue.clear(),
  };
}

/** The distinct `{{…}}` of a template's text, in order. */
export function placeholders(text: unknown): string[] {
  if (typeof text !== "string") return [];
  const names = [...text.matchAll(/\{\{\s*([\w]+)\s*\}\}/g)].map((match) => match[1] ?? "");
  return [...new Set(names)];
}
