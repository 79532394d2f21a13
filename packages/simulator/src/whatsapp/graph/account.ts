import { isObject, type JsonObject } from "../../json.ts";
import { createRateLimiter } from "../../limits.ts";
import type { CallbackOverride } from "../../meta/callbacks.ts";
import { GraphError } from "../../meta/graph-error.ts";
import { type GraphRequest, jsonBody, ok } from "../../meta/graph-request.ts";
import { unknownObject } from "../../meta/media.ts";
import type { BusinessAccount, BusinessNumber } from "../numbers.ts";
import type { Template } from "../templates.ts";
import type { GraphDeps, GraphRoutes } from "./routes.ts";

const HOUR_MS = 3_600_000;
const PAGE = 25;
const MAX_OVERRIDE_URL = 200;

/** What an account and its numbers tell about themselves, templates and subscriptions. */
export function accountRoutes({ world, callbacks, clock }: GraphDeps): GraphRoutes {
  const calls = createRateLimiter(HOUR_MS);

  function countCall(wabaId: string): void {
    const { management_calls_per_hour: perHour } = world.settings;
    if (!calls.take(wabaId, clock.now(), perHour)) throw new GraphError(80007);
  }

  function account({ segments: [id = ""], method }: GraphRequest): BusinessAccount {
    const found = world.numbers.findAccount(id);
    if (!found) throw unknownObject(id, method.toLowerCase());
    countCall(id);
    return found;
  }

  /** The override in a body, once its URL has passed the handshake; null when the body names none. */
  async function readOverride(given: JsonObject): Promise<CallbackOverride | null> {
    const url = given["override_callback_uri"];
    if (url === undefined || url === "") return null;
    if (typeof url !== "string" || url.length > MAX_OVERRIDE_URL) {
      throw new GraphError(100, {
        message: `(#100) Param override_callback_uri must be at most ${MAX_OVERRIDE_URL} characters long.`,
      });
    }
    const problem = await callbacks.verify(url, String(given["verify_token"] ?? ""));
    if (problem === null) return { url };
    throw new GraphError(2200, {
      message: `(#2200) Callback verification failed with the following errors: ${problem}`,
    });
  }

  return {
    "GET {id}": (request) => {
      const [id = ""] = request.segments;
      const number = world.numbers.find(id);
      if (number) {
        countCall(number.waba_id);
        return ok(withFields(describe(number), request.query));
      }
      if (world.numbers.findAccount(id)) {
        countCall(id);
        return ok({ id, name: "Simulated Business Account", timezone_id: "1" });
      }
      const { origin } = request;
      const phoneNumberId = request.query.get("phone_number_id");
      return ok(world.media.describe(id, { now: clock.now(), origin, phoneNumberId }));
    },
    "POST {id}": async (request) => {
      const [id = ""] = request.segments;
      const number = world.numbers.find(id);
      if (!number) throw unknownObject(id, "post");
      countCall(number.waba_id);
      const configuration = jsonBody(request)["webhook_configuration"];
      if (!isObject(configuration)) throw new GraphError(100);
      number.override = await readOverride(configuration);
      return ok({ success: true });
    },
    "POST {id}/register": (request) => {
      const [id = ""] = request.segments;
      const number = world.numbers.find(id);
      if (!number) throw unknownObject(id, "post");
      countCall(number.waba_id);
      const { messaging_product: product, pin } = jsonBody(request);
      if (product !== "whatsapp" || !/^\d{6}$/.test(String(pin))) {
        throw new GraphError(100, { message: "(#100) Param pin must be a 6-digit number." });
      }
      return ok({ success: true });
    },
    "GET {id}/phone_numbers": (request) => {
      const { waba_id } = account(request);
      const numbers = world.numbers.ofAccount(waba_id);
      return ok(page(numbers.map(describe), request));
    },
    "GET {id}/message_templates": (request) => {
      const { waba_id } = account(request);
      const { query } = request;
      const wanted = (field: string, value: string) =>
        !query.has(field) || query.get(field)?.toLowerCase() === value.toLowerCase();
      const templates = world.templates
        .ofAccount(waba_id)
        .filter((each) => query.get("name") === null || each.name.includes(query.get("name") ?? ""))
        .filter(({ status, language, category }) => {
          return (
            wanted("status", status) && wanted("language", language) && wanted("category", category)
          );
        })
        .map(templateAsShown);
      return ok(page(templates, request));
    },
    "GET {id}/subscribed_apps": (request) => {
      const { subscribed, override } = account(request);
      const app = {
        link: "https://www.facebook.com/games/?app_id=1",
        name: "Simulated App",
        id: "1",
      };
      const entry = {
        whatsapp_business_api_data: app,
        ...(override ? { override_callback_uri: override.url } : {}),
      };
      return ok({ data: subscribed ? [entry] : [] });
    },
    "POST {id}/subscribed_apps": async (request) => {
      const subscribing = account(request);
      subscribing.override = await readOverride(jsonBody(request));
      subscribing.subscribed = true;
      return ok({ success: true });
    },
    "DELETE {id}/subscribed_apps": (request) => {
      account(request).subscribed = false;
      return ok({ success: true });
    },
  };
}

/** Without the account, which the path has named. */
function templateAsShown(template: Template): JsonObject {
  const { id, name, language, category, status, parameter_format, components } = template;
  return { name, parameter_format, components, language, status, category, id };
}

function describe(number: BusinessNumber): JsonObject {
  return {
    verified_name: number.verified_name,
    code_verification_status: "VERIFIED",
    display_phone_number: spelled(number),
    quality_rating: number.quality_rating,
    platform_type: "CLOUD_API",
    throughput: { level: "STANDARD" },
    ...(number.override ? { webhook_configuration: { phone_number: number.override.url } } : {}),
    id: number.phone_number_id,
  };
}

/** Only the fields that the query asks for, and the id always. */
function withFields(object: JsonObject, query: URLSearchParams): JsonObject {
  const fields = query.get("fields")?.split(",");
  if (!fields) return object;
  const asked = Object.entries(object).filter(([name]) => fields.includes(name) || name === "id");
  return Object.fromEntries(asked);
}

function page(all: readonly JsonObject[], { query, origin, segments }: GraphRequest): JsonObject {
  const limit = Number(query.get("limit") ?? PAGE);
  const start = Number(decodeCursor(query.get("after") ?? "") || 0);
  if (!Number.isInteger(limit) || limit < 1 || !Number.isInteger(start) || start < 0) {
    throw new GraphError(100);
  }
  const data = all.slice(start, start + limit);
  const end = start + data.length;
  const cursors = { before: encodeCursor(start), after: encodeCursor(end) };
  const following = new URLSearchParams({ limit: String(limit), after: cursors.after });
  const next = `${origin}/${segments.join("/")}?${following}`;
  return { data, paging: { cursors, ...(end < all.length ? { next } : {}) } };
}

/** As Meta shows it, with spaces and hyphens; webhooks carry the bare digits. */
function spelled({ display_phone_number: digits, country_code: country }: BusinessNumber): string {
  if (!digits.startsWith(country)) return `+${digits}`;
  const local = digits.slice(country.length);
  return `+${country} ${local.replace(/^(\d{3})(\d{3})(\d{4})$/, "$1-$2-$3")}`;
}

function encodeCursor(position: number): string {
  return Buffer.from(String(position)).toString("base64url");
}

function decodeCursor(cursor: string): string {
  return Buffer.from(cursor, "base64url").toString("utf8");
}
