import { isObject, type JsonObject } from "../../json.ts";
import { GraphError, missing } from "../../meta/graph-error.ts";
import { placeholders, type Template } from "../templates.ts";
import { objectAt, textAt } from "./parameters.ts";

const MAX_BODY = 1024;

/**
 * The template that a message names, when its parameters fit.
 * Throws 132001, 132015, 132016, 132000, 132012, 132005, 131008 or 100 as Meta documents them.
 */
export function checkTemplate(
  content: JsonObject,
  find: (name: string, language: string) => Template | undefined,
): Template {
  const name = textAt(content, "name", "template.name");
  const language = textAt(objectAt(content, "language"), "code", "template.language.code");
  const template = find(name, language);
  if (template?.status === "PAUSED") throw new GraphError(132015);
  if (template?.status === "DISABLED") throw new GraphError(132016);
  if (template?.status !== "APPROVED") {
    throw new GraphError(132001, {
      details: `template name (${name}) does not exist in ${language}`,
    });
  }
  const given = componentsOf(content);
  for (const part of template.components) {
    const type = String(part["type"]).toUpperCase();
    if (type === "HEADER") checkHeader(part, given, template);
    if (type === "BODY") checkBody(part, given, template);
    if (type === "BUTTONS") checkButtons(part, given);
  }
  refuseUndeclared(given, template);
  return template;
}

function componentsOf(content: JsonObject): JsonObject[] {
  const components = content["components"] ?? [];
  if (!Array.isArray(components) || !components.every(isObject)) {
    throw new GraphError(100, { message: "(#100) Param template['components'] must be an array." });
  }
  return components;
}

/** The parameters given for a header or body; the case of a component's type does not matter. */
function parametersOf(given: readonly JsonObject[], type: string): JsonObject[] {
  const component = given.find((each) => String(each["type"]).toLowerCase() === type);
  return listOf(component?.["parameters"]);
}

function listOf(value: unknown): JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

function checkHeader(part: JsonObject, given: JsonObject[], template: Template): void {
  const parameters = parametersOf(given, "header");
  const format = String(part["format"] ?? "TEXT").toUpperCase();
  if (format === "TEXT") {
    checkTexts("header", part, parameters, template);
    return;
  }
  const [first] = parameters;
  const received = first ? String(first["type"]).toUpperCase() : "UNKNOWN";
  if (received !== format) {
    throw new GraphError(132012, {
      details: `header: Format mismatch, expected ${format}, received ${received}`,
    });
  }
  if (parameters.length > 1) throw countMismatch("header", parameters.length, 1);
  const medium = first?.[format.toLowerCase()];
  if (!isObject(medium)) throw missing(`template.components.header.${format.toLowerCase()}`);
}

function checkBody(part: JsonObject, given: JsonObject[], template: Template): void {
  const parameters = parametersOf(given, "body");
  checkTexts("body", part, parameters, template);
  const text = String(part["text"] ?? "");
  const filled =
    text.replace(/\{\{\s*\w+\s*\}\}/g, "").length +
    parameters.reduce((length, each) => length + String(each["text"] ?? "").length, 0);
  if (filled > MAX_BODY) throw new GraphError(132005);
}

function checkTexts(
  where: string,
  part: JsonObject,
  parameters: JsonObject[],
  template: Template,
): void {
  const wanted = placeholders(part["text"]);
  if (parameters.length !== wanted.length) {
    throw countMismatch(where, parameters.length, wanted.length);
  }
  for (const parameter of parameters) {
    const type = String(parameter["type"]).toLowerCase();
    if (!["text", "currency", "date_time"].includes(type)) {
      throw new GraphError(132012, {
        details: `${where}: Format mismatch, expected TEXT, received ${type.toUpperCase()}`,
      });
    }
    if (type === "text") checkText(parameter["text"]);
    const name = parameter["parameter_name"];
    if (template.parameter_format === "NAMED" && !wanted.includes(String(name))) {
      throw new GraphError(100, { details: `${where}: Parameter name is missing or empty` });
    }
  }
}

function checkText(text: unknown): void {
  if (typeof text !== "string" || text === "") {
    throw new GraphError(100, {
      details: "Parameter 'text' is mandatory for component parameter type 'text'",
    });
  }
  if (/[\n\t]| {5,}/.test(text)) {
    throw new GraphError(100, {
      details: "Param text cannot have new-line/tab characters or more than 4 consecutive spaces",
    });
  }
}

/** Which parameter a button needs; the others may do without. */
function neededBy(button: JsonObject): string | null {
  const type = String(button["type"]).toUpperCase();
  if (type === "URL") return placeholders(button["url"]).length > 0 ? "text" : null;
  return type === "COPY_CODE" ? "coupon_code" : null;
}

function checkButtons(part: JsonObject, given: JsonObject[]): void {
  listOf(part["buttons"]).forEach((button, index) => {
    const needed = neededBy(button);
    if (needed === null) return;
    const type = String(button["type"]).toLowerCase();
    const component = given.find(
      (each) =>
        String(each["type"]).toLowerCase() === "button" &&
        String(each["sub_type"]).toLowerCase() === type &&
        Number(each["index"]) === index,
    );
    const [parameter] = listOf(component?.["parameters"]);
    if (!parameter) {
      throw new GraphError(131008, {
        details: `buttons: Button at index ${index} of type ${type} requires a parameter`,
      });
    }
    if (typeof parameter[needed] !== "string" || parameter[needed] === "") {
      throw new GraphError(132012, {
        details: `buttons: Button at index ${index} expects a ${needed} parameter`,
      });
    }
  });
}

function refuseUndeclared(given: JsonObject[], template: Template): void {
  const declared = new Set(template.components.map((each) => String(each["type"]).toLowerCase()));
  for (const where of ["header", "body"]) {
    const count = parametersOf(given, where).length;
    if (count > 0 && !declared.has(where)) throw countMismatch(where, count, 0);
  }
}

function countMismatch(where: string, got: number, wanted: number): GraphError {
  return new GraphError(132000, {
    details:
      `${where}: number of localizable_params (${got}) does not match ` +
      `the expected number of params (${wanted})`,
  });
}
