import { isObject, type JsonObject } from "../../json.ts";
import { GraphError, missing } from "../../meta/graph-error.ts";
import { checkMedia, type RuleContext } from "./media.ts";
import { limit, objectAt, textAt } from "./parameters.ts";

/** Kinds whose form is checked here only as far as every kind shares it. */
const OTHER_KINDS = new Set([
  "flow",
  "product",
  "product_list",
  "catalog_message",
  "location_request_message",
  "address_message",
  "call_permission_request",
  "voice_call",
  "carousel",
]);

/** Throws the GraphError for the first rule of interactive messages that is broken. */
export function checkInteractive(interactive: JsonObject, context: RuleContext): void {
  const kind = textAt(interactive, "type", "interactive.type");
  if (!["button", "list", "cta_url"].includes(kind) && !OTHER_KINDS.has(kind)) {
    throw new GraphError(131009, { details: `interactive.type ${kind} is not supported` });
  }
  if (kind !== "product") {
    const body = textAt(objectAt(interactive, "body"), "text", "interactive.body.text");
    limit(body, kind === "list" ? 4096 : 1024, "interactive['body']['text']");
  }
  if (interactive["footer"] !== undefined) {
    const footer = textAt(objectAt(interactive, "footer"), "text", "interactive.footer.text");
    limit(footer, 60, "interactive['footer']['text']");
  }
  if (interactive["header"] !== undefined) {
    checkHeader(objectAt(interactive, "header"), kind, context);
  }
  const action = objectAt(interactive, "action");
  if (kind === "button") checkButtons(action);
  if (kind === "list") checkList(action);
  if (kind === "cta_url") checkCallToAction(action);
}

function checkHeader(header: JsonObject, kind: string, context: RuleContext): void {
  const type = textAt(header, "type", "interactive.header.type");
  if (type === "text") {
    limit(textAt(header, "text", "interactive.header.text"), 60, "interactive['header']['text']");
    return;
  }
  if (kind === "list" || !["image", "video", "document"].includes(type)) {
    throw new GraphError(131009, { details: `interactive.header.type ${type} is not supported` });
  }
  checkMedia(type, objectAt(header, type), context);
}

function checkButtons(action: JsonObject): void {
  const buttons = listAt(action, "buttons", 1, 3);
  const titles = new Set<string>();
  const ids = new Set<string>();
  for (const button of buttons) {
    const reply = objectAt(button, "reply");
    const id = textAt(reply, "id", "interactive.action.buttons.reply.id");
    const title = textAt(reply, "title", "interactive.action.buttons.reply.title");
    limit(id, 256, "interactive['action']['buttons']['reply']['id']");
    limit(title, 20, "interactive['action']['buttons']['reply']['title']");
    ids.add(id);
    titles.add(title);
  }
  if (ids.size < buttons.length || titles.size < buttons.length) {
    throw new GraphError(131009, { details: "Button ids and titles must be unique" });
  }
}

function checkList(action: JsonObject): void {
  limit(
    textAt(action, "button", "interactive.action.button"),
    20,
    "interactive['action']['button']",
  );
  const sections = listAt(action, "sections", 1, 10);
  let rows = 0;
  const ids = new Set<string>();
  for (const section of sections) {
    if (sections.length > 1) textAt(section, "title", "interactive.action.sections.title");
    if (typeof section["title"] === "string") limit(section["title"], 24, "section['title']");
    for (const row of listAt(section, "rows", 1, 10)) {
      const id = textAt(row, "id", "interactive.action.sections.rows.id");
      limit(id, 200, "row['id']");
      limit(textAt(row, "title", "interactive.action.sections.rows.title"), 24, "row['title']");
      if (typeof row["description"] === "string")
        limit(row["description"], 72, "row['description']");
      ids.add(id);
      rows += 1;
    }
  }
  if (rows > 10) {
    throw new GraphError(131009, { details: "Total row count exceed max allowed count: 10" });
  }
  if (ids.size < rows) throw new GraphError(131009, { details: "Duplicated row id" });
}

function checkCallToAction(action: JsonObject): void {
  const parameters = objectAt(action, "parameters");
  limit(
    textAt(parameters, "display_text", "interactive.action.parameters.display_text"),
    20,
    "interactive['action']['parameters']['display_text']",
  );
  const url = textAt(parameters, "url", "interactive.action.parameters.url");
  if (!/^https?:\/\/\S+$/i.test(url)) {
    throw new GraphError(131009, { details: "interactive.action.parameters.url is not valid" });
  }
}

function listAt(parent: JsonObject, name: string, min: number, max: number): JsonObject[] {
  const value = parent[name];
  if (!Array.isArray(value) || value.length < min) throw missing(`interactive.action.${name}`);
  if (value.length > max) {
    throw new GraphError(131009, { details: `interactive.action.${name}: at most ${max}` });
  }
  return value.map((item) => {
    if (isObject(item)) return item;
    throw new GraphError(131009, { details: `interactive.action.${name} holds no object` });
  });
}
