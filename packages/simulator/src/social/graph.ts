import { randomBytes } from "node:crypto";
import type { Answer, ApiRequest } from "../http/api-request.ts";
import { isObject, type JsonObject } from "../json.ts";
import type { Callbacks } from "../meta/callbacks.ts";
import { GraphError } from "../meta/graph-error.ts";
import { jsonBody, ok } from "../meta/graph-request.ts";
import { newObjectId } from "../meta/ids.ts";
import type { SocialAccount } from "./accounts.ts";
import type { SocialPerson } from "./people.ts";
import { badParameter } from "./rules.ts";
import type { SocialSend, SocialSends } from "./sends.ts";
import type { SocialWorld } from "./world.ts";

export interface SocialGraphDeps {
  world: SocialWorld;
  sends: SocialSends;
  callbacks: Pick<Callbacks, "verify">;
  /** Echo, delivery and read of an accepted message. */
  play: (send: SocialSend) => Promise<void>;
  now: () => number;
}

const SIXTY_DAYS_S = 5_184_000;
const DAY_S = 86_400;

/**
 * The Graph API of Pages and Instagram accounts, at both hosts' paths. Answers null for what is not
 * about them.
 */
export function createSocialGraph({ world, sends, callbacks, play, now }: SocialGraphDeps) {
  async function send(account: SocialAccount, request: ApiRequest): Promise<Answer> {
    const { send: accepted, answer } = sends.accept(account, jsonBody(request));
    if (!accepted) return ok(answer);
    if (world.settings.echoes !== "before") return { ...ok(answer), after: () => play(accepted) };
    await play(accepted);
    return ok(answer);
  }

  async function subscribe(account: SocialAccount, request: ApiRequest): Promise<Answer> {
    const { query, method } = request;
    if (method === "GET") {
      const fields = account.subscribed_fields;
      const app = { id: world.settings.app_id, name: "Simulated App", subscribed_fields: fields };
      return ok({ data: fields === null ? [] : [app] });
    }
    if (method === "DELETE") {
      account.subscribed_fields = null;
      return ok({ success: true });
    }
    const body = jsonBody(request);
    const fields = query.get("subscribed_fields") ?? body["subscribed_fields"];
    const override = query.get("override_callback_uri") ?? body["override_callback_uri"];
    if (typeof override === "string" && override !== "") {
      const token = query.get("verify_token") ?? body["verify_token"];
      const problem = await callbacks.verify(override, String(token ?? ""));
      if (problem !== null) throw badParameter(`Callback verification failed: ${problem}`);
      account.override = { url: override };
    }
    const list = Array.isArray(fields) ? fields.map(String) : String(fields ?? "").split(",");
    const named = list.map((each) => each.trim()).filter((each) => each !== "");
    if (named.length === 0) throw badParameter("The parameter subscribed_fields is required.");
    account.subscribed_fields = named;
    return ok({ success: true });
  }

  function upload(request: ApiRequest): Answer {
    const message = jsonBody(request)["message"];
    const attachment = isObject(message) ? message["attachment"] : undefined;
    if (!isObject(attachment)) throw badParameter("param message[attachment] must be non-empty.");
    const id = newObjectId();
    world.attachments.set(id, String(attachment["type"]));
    return ok({ attachment_id: id });
  }

  function onAccount(account: SocialAccount, edge: string | undefined, request: ApiRequest) {
    switch (`${request.method} ${edge ?? ""}`) {
      case "POST messages":
        return send(account, request);
      case "POST message_attachments":
        return upload(request);
      case "GET subscribed_apps":
      case "POST subscribed_apps":
      case "DELETE subscribed_apps":
        return subscribe(account, request);
      case "GET ":
        return ok(withFields(shownAccount(account, world), request.query));
      default:
        throw new GraphError(2500, { message: `Unknown path components: /${edge ?? ""}` });
    }
  }

  /** `me` is whoever the token is for; with a Page's token also its Instagram account. */
  function accountMeant(request: ApiRequest): SocialAccount | undefined {
    const [id = ""] = request.segments;
    const named = world.accounts.find(id);
    if (named || id !== "me") return named;
    const candidates = world.accounts.ofToken(tokenOf(request));
    const recipient = jsonBody(request)["recipient"];
    if (!isObject(recipient)) return candidates[0];
    const comment = world.comments.get(String(recipient["comment_id"] ?? ""));
    const knows = (account: SocialAccount) =>
      comment
        ? comment.account_id === account.id
        : world.people.lastHeard(account.id, String(recipient["id"] ?? "")) !== null;
    return candidates.find(knows) ?? candidates[0];
  }

  return async (request: ApiRequest): Promise<Answer | null> => {
    const { segments, method } = request;
    const [id = "", edge] = segments;
    if (id === "refresh_access_token") return ok(renew(world, tokenOf(request), now()));
    if (id === "oauth" && edge === "access_token") return ok(newToken());
    if (id === "me" && edge === "accounts") return ok(pagesOf(world));
    const account = accountMeant(request);
    if (account) {
      checkToken(account, tokenOf(request));
      return onAccount(account, edge, request);
    }
    const person = segments.length === 1 && method === "GET" ? world.people.find(id) : undefined;
    return person ? ok(withFields(profileOf(person), request.query)) : null;
  };
}

function tokenOf({ headers, query }: ApiRequest): string | undefined {
  const bearer = /^Bearer\s+(\S+)\s*$/i.exec(headers.authorization ?? "")?.[1];
  return bearer ?? query.get("access_token") ?? undefined;
}

function checkToken({ access_token: good }: SocialAccount, token: string | undefined): void {
  if (good === null || good === token) return;
  throw new GraphError(190, {
    message: "Error validating access token: The session is invalid for this account.",
    subcode: 460,
  });
}

/** Instagram's own login: a token for one that is a day old and has not ended. */
function renew(world: SocialWorld, token: string | undefined, now: number): JsonObject {
  const account = world.accounts
    .ofToken(token)
    .find(({ login, access_token }) => login === "instagram" && access_token !== null);
  if (!account) return newToken();
  const ageS = (now - account.token_at) / 1000;
  if (ageS < DAY_S) throw badParameter("The token is younger than 24 hours.");
  if (ageS >= SIXTY_DAYS_S) {
    throw new GraphError(190, {
      message: "Error validating access token: Session has expired.",
      subcode: 463,
    });
  }
  const renewed = newToken();
  account.access_token = String(renewed["access_token"]);
  account.token_at = now;
  return renewed;
}

function newToken(): JsonObject {
  const access_token = `EAA${randomBytes(24).toString("base64url")}`;
  return { access_token, token_type: "bearer", expires_in: SIXTY_DAYS_S };
}

function pagesOf(world: SocialWorld): JsonObject {
  const pages = world.accounts.all().filter(({ kind }) => kind === "page");
  return {
    data: pages.map(({ id, name, access_token }) => {
      const linked = world.accounts.all().find(({ page_id }) => page_id === id);
      return {
        id,
        name,
        access_token: access_token ?? `EAApage${id}`,
        tasks: ["MESSAGING", "MODERATE"],
        ...(linked ? { instagram_business_account: { id: linked.id } } : {}),
      };
    }),
  };
}

function shownAccount(account: SocialAccount, world: SocialWorld): JsonObject {
  const { id, kind, name, username } = account;
  const linked = world.accounts.all().find(({ page_id }) => page_id === id);
  return {
    id,
    name,
    ...(username === null ? {} : { username }),
    ...(kind === "instagram" ? { user_id: id, account_type: "BUSINESS" } : {}),
    ...(linked ? { instagram_business_account: { id: linked.id } } : {}),
  };
}

/** What Meta tells of somebody; Messenger knows first and last names, Instagram one name and a username. */
function profileOf(person: SocialPerson): JsonObject {
  if (!person.has_profile) {
    throw new GraphError(230, {
      message: "(#230) User consent is required to access user profile",
    });
  }
  const { id, first_name, last_name, username } = person;
  return {
    id,
    first_name,
    last_name,
    name: `${first_name} ${last_name}`.trim(),
    ...(username === null ? {} : { username }),
    profile_pic: `https://platform-lookaside.fbsbx.com/platform/profilepic/?psid=${id}`,
  };
}

function withFields(object: JsonObject, query: URLSearchParams): JsonObject {
  const fields = query.get("fields")?.split(",");
  if (!fields) return object;
  const asked = Object.entries(object).filter(([name]) => fields.includes(name) || name === "id");
  return Object.fromEntries(asked);
}
