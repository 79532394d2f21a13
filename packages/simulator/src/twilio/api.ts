import type { Answer, Api, ApiRequest } from "../http/api-request.ts";
import { isObject, type JsonObject } from "../json.ts";
import type { MessagingService, TwilioAccount, TwilioNumber } from "./accounts.ts";
import { TwilioError } from "./errors.ts";
import { shownMessage, type TwilioMessage } from "./messages.ts";
import type { SmsSends } from "./sends.ts";
import type { SmsStatuses } from "./statuses.ts";
import type { TwilioWorld } from "./world.ts";

export interface TwilioApiDeps {
  world: TwilioWorld;
  sends: SmsSends;
  statuses: SmsStatuses;
}

const VERSION = "2010-04-01";
/** Where the bytes of media really lie; Twilio redirects there. */
const STORE = "_twilio-media";

/** Twilio's REST API as far as messaging needs it, and messaging.twilio.com's services. */
export function createTwilioApi(deps: TwilioApiDeps): Api {
  return {
    owns: ([first, second]) =>
      first === VERSION || first === STORE || (first === "v1" && second === "Services"),
    subject: ({ method, segments, body }) => ({
      api: "twilio",
      target: targetOf(method, segments),
      phoneNumberId: textOf(body, "From") ?? textOf(body, "MessagingServiceSid"),
      to: body === null ? null : textOf(body, "To"),
    }),
    readBody: (body) => Object.fromEntries(new URLSearchParams(body.toString("utf8"))),
    answer: async (request) => route(deps, request),
    refuse: ({ code = 20500, details, status }) =>
      new TwilioError(code, {
        ...(details === undefined ? {} : { message: details }),
        ...(status === undefined ? {} : { status }),
      }),
    write: (body) => JSON.stringify(body),
  };
}

function textOf(body: JsonObject | null, name: string): string | null {
  const value = body?.[name];
  return typeof value === "string" ? value : null;
}

function targetOf(method: string, segments: readonly string[]) {
  if (segments[0] === STORE || segments.some((each) => each.startsWith("Media"))) return "media";
  return method === "POST" && segments[3] === "Messages.json" ? "send" : "management";
}

async function route(deps: TwilioApiDeps, request: ApiRequest): Promise<Answer> {
  const { segments, headers } = request;
  if (segments[0] === STORE) return storedMedium(deps, segments);
  if (segments[0] === "v1") return serviceRoute(deps, request);
  const accountSid = (segments[2] ?? "").replace(/\.json$/, "");
  const last = segments.at(-1) ?? "";
  // Media are open to the world unless the account protects them.
  const isOpenMedium = segments[5] === "Media" && !deps.world.settings.protect_media;
  if (isOpenMedium) return medium(deps, accountSid, segments);
  const account = deps.world.accounts.authenticate(headers.authorization, accountSid);
  if (segments.length === 3) return ok(shownAccount(account));
  switch (segments.slice(3).length === 1 ? last : segments[3]) {
    case "Messages.json":
      return request.method === "POST"
        ? send(deps, account, request)
        : list(deps, account, request);
    case "IncomingPhoneNumbers.json":
      return ok(numbersPage(deps.world.accounts.numbersOf(accountSid), request));
    case "Messages":
      return messageRoute(deps, account, request);
    default:
      throw notFound(request);
  }
}

async function send(
  { world, sends, statuses }: TwilioApiDeps,
  account: TwilioAccount,
  { body }: ApiRequest,
): Promise<Answer> {
  const accepted = sends.accept(account, new URLSearchParams(body.toString("utf8")));
  const answer = { status: 201, body: shownMessage(accepted.message) };
  if (!world.settings.before_answer) return { ...answer, after: () => statuses.play(accepted) };
  await statuses.play(accepted);
  return answer;
}

function messageRoute(deps: TwilioApiDeps, account: TwilioAccount, request: ApiRequest): Answer {
  const { segments, method, body } = request;
  const sid = (segments[4] ?? "").replace(/\.json$/, "");
  const message = deps.world.log.get(account.account_sid, sid);
  if (segments[5] === "Media.json") return ok(mediaPage(message));
  if (segments[5] === "Media") return medium(deps, account.account_sid, segments);
  if (segments.length !== 5) throw notFound(request);
  if (method === "DELETE") {
    deps.world.log.delete(sid);
    return { status: 204, body: Buffer.alloc(0) };
  }
  if (method === "POST") change(message, new URLSearchParams(body.toString("utf8")));
  return ok(shownMessage(message));
}

/** A message can be redacted, and one that is still to be sent canceled. */
function change(message: TwilioMessage, form: URLSearchParams): void {
  if (form.get("Body") === "") message.body = "";
  if (form.get("Status") === "canceled" && ["accepted", "queued"].includes(message.status)) {
    message.status = "canceled";
  }
}

function list({ world }: TwilioApiDeps, account: TwilioAccount, request: ApiRequest): Answer {
  const { query } = request;
  const wanted = (name: string, value: string | null) =>
    query.get(name) === null || query.get(name) === value;
  const after = instant(query.get("DateSent>"), 0);
  const before = instant(query.get("DateSent<"), 86_400_000);
  const day = query.get("DateSent");
  const messages = world.log
    .all()
    .filter((each) => each.account_sid === account.account_sid)
    .filter((each) => wanted("To", each.to) && wanted("From", each.from))
    .filter(({ date_sent: sent }) => after === null || (sent !== null && sent >= after))
    .filter(({ date_sent: sent }) => before === null || (sent !== null && sent < before))
    .filter(({ date_sent: sent }) => {
      return day === null || (sent !== null && new Date(sent).toISOString().startsWith(day));
    })
    .reverse();
  return ok(page(messages.map(shownMessage), "messages", request));
}

/** A day, or an instant; a day as an upper bound means all of it. */
function instant(text: string | null, dayMs: number): number | null {
  if (text === null) return null;
  const at = Date.parse(text);
  if (Number.isNaN(at)) throw new TwilioError(20001, { message: "Invalid DateSent", status: 400 });
  return text.length === 10 ? at + dayMs : at;
}

function page(all: readonly JsonObject[], name: string, request: ApiRequest): JsonObject {
  const { segments, query } = request;
  const size = Math.min(Number(query.get("PageSize") ?? 50) || 50, 1_000);
  const at = Number(query.get("Page") ?? 0) || 0;
  const start = at * size;
  const shown = all.slice(start, start + size);
  const uriOf = (number: number) => {
    const next = new URLSearchParams(query);
    next.set("PageSize", String(size));
    next.set("Page", String(number));
    if (number > 0) next.set("PageToken", `PA${number}`);
    return `/${segments.join("/")}?${next}`;
  };
  const hasNext = start + shown.length < all.length;
  return {
    [name]: shown,
    page: at,
    page_size: size,
    start,
    end: start + Math.max(0, shown.length - 1),
    uri: uriOf(at),
    first_page_uri: uriOf(0),
    previous_page_uri: at > 0 ? uriOf(at - 1) : null,
    next_page_uri: hasNext ? uriOf(at + 1) : null,
  };
}

function medium({ world }: TwilioApiDeps, accountSid: string, segments: readonly string[]): Answer {
  const message = world.log.get(accountSid, segments[4] ?? "");
  const sid = segments[6] ?? "";
  const found = message.media.find((each) => each.sid === sid);
  if (!found?.bytes) throw new TwilioError(20404);
  return {
    status: 307,
    body: Buffer.alloc(0),
    headers: { location: `/${STORE}/${message.sid}/${sid}` },
  };
}

function storedMedium({ world }: TwilioApiDeps, [, messageSid = "", sid]: readonly string[]) {
  const found = world.log.find(messageSid)?.media.find((each) => each.sid === sid);
  if (!found?.bytes) throw new TwilioError(20404);
  return { status: 200, body: found.bytes, contentType: found.content_type };
}

function mediaPage(message: TwilioMessage): JsonObject {
  const base = `/2010-04-01/Accounts/${message.account_sid}/Messages/${message.sid}/Media`;
  return {
    media_list: message.media.map(({ sid, content_type }) => ({
      sid,
      parent_sid: message.sid,
      account_sid: message.account_sid,
      content_type,
      uri: `${base}/${sid}.json`,
    })),
  };
}

function serviceRoute({ world }: TwilioApiDeps, request: ApiRequest): Answer {
  const { segments, headers } = request;
  const service = world.accounts.service(segments[2] ?? "");
  const owner = service?.account_sid ?? accountNamed(headers.authorization);
  world.accounts.authenticate(headers.authorization, owner);
  if (!service) throw notFound(request);
  if (segments.length === 3) return ok(shownService(service));
  const rest = segments.slice(3).join("/");
  if (rest === "PhoneNumbers") {
    const numbers = world.accounts.numbersIn(service.sid);
    return ok({ phone_numbers: numbers.map(({ sid, phone_number }) => ({ sid, phone_number })) });
  }
  if (rest === "Compliance/Usa2p") {
    const { campaign_status } = service;
    return ok({ compliance: campaign_status === null ? [] : [{ campaign_status }] });
  }
  throw notFound(request);
}

function accountNamed(authorization: string | undefined): string {
  const encoded = authorization?.replace(/^Basic\s+/i, "") ?? "";
  return Buffer.from(encoded, "base64").toString("utf8").split(":")[0] ?? "";
}

function shownAccount({ account_sid, status }: TwilioAccount): JsonObject {
  return { sid: account_sid, status, type: "Full", friendly_name: "Simulated Account" };
}

function shownService(service: MessagingService): JsonObject {
  return {
    sid: service.sid,
    account_sid: service.account_sid,
    friendly_name: service.friendly_name,
    inbound_request_url: service.inbound_request_url,
    status_callback: service.status_callback,
    us_app_to_person_registered: service.campaign_status === "VERIFIED",
  };
}

function numbersPage(numbers: readonly TwilioNumber[], request: ApiRequest): JsonObject {
  const asked = request.query.get("PhoneNumber");
  const shown = numbers
    .filter(({ phone_number }) => asked === null || phone_number.includes(asked))
    .map(({ sid, phone_number, account_sid, sms_url, status_callback }) => ({
      sid,
      phone_number,
      account_sid,
      sms_url: sms_url ?? "",
      sms_method: "POST",
      status_callback: status_callback ?? "",
      capabilities: { sms: true, mms: true, voice: false },
    }));
  return page(shown.filter(isObject), "incoming_phone_numbers", request);
}

function notFound({ segments }: ApiRequest): TwilioError {
  return new TwilioError(20404, {
    message: `The requested resource /${segments.join("/")} was not found`,
  });
}

function ok(body: JsonObject): Answer {
  return { status: 200, body };
}
