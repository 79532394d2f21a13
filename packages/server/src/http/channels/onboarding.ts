import { createRoute, z } from "@hono/zod-openapi";
import {
  exchangeCode,
  listPages,
  type MetaApp,
  prolongToken,
  registerNumber,
  type Step,
  subscribeBusinessAccount,
  subscribePage,
} from "../../channels/meta/onboarding.ts";
import { CurlewError } from "../../core/errors.ts";
import type { ProviderHttp } from "../../core/outside/provider-http.ts";
import { Secret } from "../../core/secret.ts";
import type { ProviderPlaces } from "../../core/sending/outgoing.ts";
import type { Principal } from "../../core/workspaces/principal.ts";
import { type Channel, findChannelAt, isTakenByOthers } from "../../storage/channels/channels.ts";
import {
  fieldRefused,
  idSchema,
  jsonAnswer,
  jsonBody,
  newRoutes,
  problems,
  type Routes,
  requireScope,
} from "../api.ts";
import { ownerOf } from "../resource.ts";
import { ShownChannel, showChannel } from "./channel-body.ts";
import { type ChannelRoutesDeps, changeChannel, channelTaken, connectChannel } from "./channels.ts";

const secret = z.string().min(1).max(4096);
const digits = z.string().regex(/^\d{1,32}$/, "must be an id of Meta's: digits");
const common = {
  name: z.string().trim().min(1).max(100).optional(),
  account_id: idSchema("acc").nullable().optional(),
};
const writing = { tags: ["Channels"], middleware: requireScope("channels:write") };
const refusals = [
  ...(["provider_refused", "unsupported_action", "channel_taken"] as const),
  ...(["plan_feature", "unavailable"] as const),
] as const;

const whatsapp = createRoute({
  ...writing,
  method: "post",
  path: "/channels/connect/whatsapp",
  operationId: "connectWhatsapp",
  summary: "Connect a WhatsApp number that has gone through Embedded Signup",
  description:
    "Exchanges the code for the business' token, subscribes the app to its account and, with a `pin`, registers the " +
    "number. A number that is connected here already gets the new token.",
  request: {
    body: jsonBody(
      z.strictObject({
        code: secret.openapi({ description: "What the signup came back with; good for a moment" }),
        waba_id: digits,
        phone_number_id: digits,
        pin: z
          .string()
          .regex(/^\d{6}$/, "has six digits")
          .optional()
          .openapi({ description: "The number's two-step verification from now on" }),
        ...common,
      }),
    ),
  },
  responses: { 200: jsonAnswer("The channel.", ShownChannel), ...problems(...refusals) },
});

const page = createRoute({
  ...writing,
  method: "post",
  path: "/channels/connect/page",
  operationId: "connectPage",
  summary: "Connect a Page that somebody has given leave for, and its Instagram account",
  description:
    "Exchanges the person's token for one of the Page, which does not end by itself, and subscribes the app to it. " +
    "What is connected here already gets the new token.",
  request: {
    body: jsonBody(
      z.strictObject({
        user_access_token: secret.openapi({ description: "Of Facebook Login; an hour is enough" }),
        page_id: digits,
        instagram: z.boolean().default(false).openapi({
          description: "Connect the Instagram account that belongs to the Page too",
        }),
        ...common,
      }),
    ),
  },
  responses: {
    200: jsonAnswer("The channels.", z.object({ data: z.array(ShownChannel) })),
    ...problems(...refusals),
  },
});

export interface OnboardingDeps extends ChannelRoutesDeps {
  http: ProviderHttp;
  places: ProviderPlaces;
  /** Null where the operator has not said which app it is. */
  app: MetaApp | null;
}

/** Connecting channels by what Meta's own sign-up gives, instead of tokens that are copied by hand. */
export function channelOnboardingRoutes(deps: OnboardingDeps): Routes {
  const { vault, http, places } = deps;
  const meta = { http, places };
  const routes = newRoutes();
  const show = (channel: Channel) => showChannel(vault, channel);

  routes.openapi(whatsapp, async (c) => {
    const { code, waba_id, phone_number_id, pin, name, account_id } = c.req.valid("json");
    await requireFree(deps, c.var.principal, { kind: "whatsapp", externalId: phone_number_id });
    const token = done(await exchangeCode(meta, requireApp(deps), new Secret(code)));
    done(await subscribeBusinessAccount(meta, waba_id, token));
    if (pin !== undefined) {
      const number = { phoneNumberId: phone_number_id, pin: new Secret(pin) };
      done(await registerNumber(meta, number, token));
    }
    const channel = await keep(deps, c.var.principal, {
      ...{ kind: "whatsapp" as const, external_id: phone_number_id, waba_id },
      ...{ name: name ?? phone_number_id, account_id, token },
    });
    return c.json(show(channel), 200);
  });

  routes.openapi(page, async (c) => {
    const { user_access_token, page_id, instagram, name, account_id } = c.req.valid("json");
    const lasting = done(await prolongToken(meta, requireApp(deps), new Secret(user_access_token)));
    const pages = done(await listPages(meta, lasting));
    const owned = pages.find(({ id }) => id === page_id);
    if (!owned) throw fieldRefused("/page_id", "is no Page that this person has given leave for");
    const { instagramId, token } = owned;
    if (instagram && instagramId === null) {
      throw fieldRefused("/instagram", "no Instagram account belongs to the Page");
    }
    await requireFree(deps, c.var.principal, { kind: "messenger", externalId: page_id });
    if (instagram && instagramId !== null) {
      await requireFree(deps, c.var.principal, { kind: "instagram", externalId: instagramId });
    }
    done(await subscribePage(meta, owned));
    const own = { name: name ?? owned.name, account_id, token };
    const channels = [
      await keep(deps, c.var.principal, { kind: "messenger", external_id: page_id, ...own }),
    ];
    if (instagram && instagramId !== null) {
      const account = { kind: "instagram" as const, external_id: instagramId, ...own };
      channels.push(await keep(deps, c.var.principal, account));
    }
    return c.json({ data: channels.map(show) }, 200);
  });

  return routes;
}

/** From when Meta is told to send, whoever has it here gets it: it must not be somebody else. */
async function requireFree(
  { db }: OnboardingDeps,
  principal: Principal,
  at: { kind: string; externalId: string },
): Promise<void> {
  if (await isTakenByOthers(db, ownerOf(principal), at)) {
    throw channelTaken(at.kind, at.externalId);
  }
}

interface Found {
  kind: "whatsapp" | "messenger" | "instagram";
  name: string;
  external_id: string;
  waba_id?: string;
  account_id?: string | null | undefined;
  token: Secret;
}

/** Connects what was found, or gives it its new token where it is connected already. */
async function keep(
  deps: OnboardingDeps,
  principal: Principal,
  { token, account_id, ...found }: Found,
): Promise<Channel> {
  const credentials = { access_token: token.reveal() };
  const { kind, external_id: externalId, waba_id } = found;
  const before = await findChannelAt(deps.db, ownerOf(principal), { kind, externalId });
  if (before) {
    const renewed = { credentials, ...(waba_id === undefined ? {} : { waba_id }) };
    return changeChannel(deps, principal, before.id, renewed);
  }
  const owned = account_id === undefined ? {} : { account_id };
  return connectChannel(deps, principal, { ...found, ...owned, credentials });
}

function requireApp({ app }: OnboardingDeps): MetaApp {
  if (app) return app;
  throw new CurlewError(
    "unsupported_action",
    "The operator has not said which Meta app this is: CURLEW_META_APP_ID and CURLEW_META_APP_SECRET.",
  );
}

function done<T>(step: Step<T>): T {
  if (step.kind === "done") return step.value;
  const { code, reason } = step;
  if (code === null) {
    throw new CurlewError("unavailable", `Meta did not answer (${step.step}: ${reason}).`, {
      retryAfterS: 5,
    });
  }
  throw new CurlewError("provider_refused", `Meta refuses (${step.step}): ${reason}`, {
    extra: { step: step.step, provider: { code: String(code), message: reason } },
  });
}
