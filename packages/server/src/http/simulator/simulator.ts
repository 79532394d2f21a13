import { createRoute, z } from "@hono/zod-openapi";
import { CurlewError } from "../../core/errors.ts";
import { publicId } from "../../core/ids.ts";
import type { Clock } from "../../core/outside/clock.ts";
import type { Principal } from "../../core/workspaces/principal.ts";
import {
  type Channel,
  findChannel,
  insertChannel,
  listChannels,
} from "../../storage/channels/channels.ts";
import {
  fieldRefused,
  idParams,
  idSchema,
  jsonAnswer,
  jsonBody,
  newRoutes,
  notFound,
  problems,
  type Routes,
  requireScope,
  showInstant,
  shownId,
  shownInstant,
} from "../api.ts";
import { ShownChannel, sealCredentials, showChannel } from "../channels/channel-body.ts";
import type { ChannelRoutesDeps } from "../channels/channels.ts";
import { accountFor, ownerOf } from "../resource.ts";
import { requireChannelPlan } from "../workspaces/plan-limits.ts";
import type { Act } from "./acts.ts";
import type { SimulatorPhones } from "./phones.ts";
import {
  CUSTOMER_NAME,
  CUSTOMERS,
  inventChannel,
  SIMULATED_KINDS,
  type SimulatedChannel,
} from "./simulated-channel.ts";
import type { PhoneEntry } from "./thread.ts";

const MOST_TRIES = 5;
const MOST_LISTED = 100;

const tags = ["Simulator"];
const params = idParams("ch");
const refusals = problems("forbidden", "unavailable");
const text = z.string().min(1).max(4000);
const customerId = z
  .string()
  .regex(/^\+?\d{5,32}$/, "must be the id or the number of somebody: digits");

const ActBody = z
  .strictObject({
    customer: z
      .strictObject({ id: customerId.optional(), name: z.string().min(1).max(100).optional() })
      .optional()
      .openapi({ description: "Who does it; one and the same test customer when absent" }),
    text: text.optional(),
    image: z.strictObject({ caption: text.optional() }).optional(),
    reaction: z
      .strictObject({
        message_id: z.string().min(1).max(300),
        emoji: z.string().max(40).nullable(),
      })
      .optional()
      .openapi({
        description: "To the message with this id of the provider's; null takes it back",
      }),
    story_reply: z.strictObject({ text }).optional(),
    ad_click: z.strictObject({ text, headline: z.string().max(200).optional() }).optional(),
  })
  .openapi("CustomerAct", {
    description: "One of `text`, `image`, `reaction`, `story_reply`, `ad_click`",
  });

const ShownEntry = z
  .object({
    id: z.string().openapi({ description: "The provider's" }),
    at: shownInstant,
    author: z.enum(["customer", "business"]),
    type: z.string(),
    text: z.string().nullable(),
    about: z.string().nullable().openapi({ description: "The message that a reaction is about" }),
    statuses: z.array(z.string()).openapi({ description: "Of the business's, as they were told" }),
    webhook_status: z.int().nullable().openapi({
      description: "Of the customer's: what the ingress answered to the provider's webhook",
    }),
  })
  .openapi("PhoneEntry");

const PROVIDER_NAMES: Readonly<Record<(typeof SIMULATED_KINDS)[number], string>> = {
  whatsapp: "WhatsApp",
  messenger: "Messenger",
  instagram: "Instagram",
  sms: "SMS",
};

const FaultsBody = z.strictObject({
  deliver_twice: z.boolean().default(false),
  out_of_order: z.boolean().default(false),
  lose_answers: z.boolean().default(false),
  wrong_signature: z.boolean().default(false),
});

const ShownFaults = z
  .strictObject({
    deliver_twice: z.boolean().openapi({ description: "Every webhook comes twice" }),
    out_of_order: z.boolean().openapi({ description: "Statuses come last first" }),
    lose_answers: z
      .boolean()
      .openapi({ description: "A send is carried out, and its answer is lost" }),
    wrong_signature: z
      .boolean()
      .openapi({ description: "What customers write is signed by somebody else" }),
  })
  .openapi("SimulatorFaults");

const ShownSimulator = z
  .object({
    available: z.boolean(),
    reason: z.string().nullable().openapi({ description: "Why not, and what would change it" }),
    channels: z.array(
      z.object({
        id: shownId("ch"),
        kind: z.enum(SIMULATED_KINDS),
        name: z.string(),
        external_id: z.string(),
        customer: z.object({ id: z.string(), name: z.string() }),
      }),
    ),
    faults: ShownFaults,
  })
  .openapi("Simulator");

const get = createRoute({
  tags,
  middleware: requireScope("channels:read"),
  method: "get",
  path: "/simulator",
  operationId: "getSimulator",
  summary: "Whether the simulator may run here, and the channels that it plays",
  responses: { 200: jsonAnswer("The simulator.", ShownSimulator) },
});
const connect = createRoute({
  tags,
  middleware: requireScope("channels:write"),
  method: "post",
  path: "/simulator/channels",
  operationId: "createSimulatedChannel",
  summary: "Connect a channel whose provider is the simulator",
  request: {
    body: jsonBody(
      z.strictObject({
        kind: z.enum(SIMULATED_KINDS),
        name: z.string().trim().min(1).max(100).optional(),
        account_id: idSchema("acc").nullable().optional(),
      }),
    ),
  },
  responses: {
    201: jsonAnswer("The channel.", ShownChannel),
    ...problems("forbidden", "unavailable", "plan_feature"),
  },
});
const act = createRoute({
  tags,
  middleware: requireScope("channels:write"),
  method: "post",
  path: "/simulator/channels/{id}/acts",
  operationId: "actAsCustomer",
  summary: "Do what a customer does: the provider's signed webhook follows",
  request: { params, body: jsonBody(ActBody) },
  responses: {
    201: jsonAnswer("What the phone shows of it.", ShownEntry),
    ...problems("forbidden", "unavailable", "not_found", "unsupported_action"),
  },
});
const thread = createRoute({
  tags,
  middleware: requireScope("channels:read"),
  method: "get",
  path: "/simulator/channels/{id}/thread",
  operationId: "readPhone",
  summary: "What a customer's phone shows, the oldest first",
  description: "What was sent to the customer stands here as it arrived at the simulated provider.",
  request: { params, query: z.strictObject({ customer_id: customerId.optional() }) },
  responses: {
    200: jsonAnswer("The phone.", z.object({ data: z.array(ShownEntry) })),
    ...refusals,
    ...problems("forbidden", "unavailable", "not_found"),
  },
});
const faults = createRoute({
  tags,
  middleware: requireScope("channels:write"),
  method: "put",
  path: "/simulator/faults",
  operationId: "setSimulatorFaults",
  summary: "Say what goes wrong from now on, with every simulated channel of this server",
  request: { body: jsonBody(FaultsBody) },
  responses: { 200: jsonAnswer("The faults.", ShownFaults), ...refusals },
});

export interface SimulatorRoutesDeps extends Omit<ChannelRoutesDeps, "announce"> {
  clock: Pick<Clock, "now">;
  phones: SimulatorPhones;
  /** Why the simulator may not run here, in words; null where it may. */
  reason: string | null;
  /** What the simulator signs Meta's webhooks with. */
  appSecret: string;
}

export function simulatorRoutes(deps: SimulatorRoutesDeps): Routes {
  const { db, changeConfig, clock, newId, vault, phones, reason, appSecret } = deps;
  const routes = newRoutes();

  const requireAvailable = () => {
    if (reason !== null) throw new CurlewError("forbidden", reason);
  };
  const find = async (principal: Principal, id: string): Promise<SimulatedChannel> => {
    requireAvailable();
    const channel = await findChannel(db, ownerOf(principal), id);
    const found = channel && phones.read(channel);
    if (found) return found;
    throw notFound("ch", publicId("ch", id));
  };

  routes.openapi(get, async (c) => {
    const page = { limit: MOST_LISTED, before: undefined, kind: undefined };
    const rows = reason === null ? await listChannels(db, ownerOf(c.var.principal), page) : [];
    const channels = rows.flatMap((row) => phones.read(row) ?? []);
    return c.json(
      {
        available: reason === null,
        reason,
        channels: channels.map(({ id, kind, name, externalId }) => ({
          ...{ id: publicId("ch", id), kind, name, external_id: externalId },
          customer: { id: CUSTOMERS[kind], name: CUSTOMER_NAME },
        })),
        faults: phones.faults,
      },
      200,
    );
  });

  routes.openapi(connect, async (c) => {
    requireAvailable();
    const { principal } = c.var;
    const { workspaceId } = principal;
    const { kind, name: given, account_id: named } = c.req.valid("json");
    const name = given ?? `Simulated ${PROVIDER_NAMES[kind]}`;
    let channel: Channel | null = null;
    // An address that somebody has already is made up anew.
    for (let tries = 0; channel === null && tries < MOST_TRIES; tries++) {
      channel = await changeConfig(workspaceId, async (tx) => {
        await requireChannelPlan(tx, workspaceId, kind);
        const id = newId();
        const { externalId, wabaId, credentials } = inventChannel(kind, appSecret);
        return insertChannel(tx, {
          ...{ id, workspaceId, kind, name, externalId, wabaId },
          accountId: await accountFor(tx, principal, named, "/account_id"),
          messagingServiceSid: null,
          login: kind === "instagram" ? "instagram" : null,
          credentials: sealCredentials(vault, id, { ...credentials }),
          settings: "{}",
          isDefault: false,
          createdAt: clock.now(),
        });
      });
    }
    const simulated = channel && phones.read(channel);
    if (!channel || !simulated) throw new Error("no address was free for a simulated channel");
    await phones.introduce(simulated);
    return c.json(showChannel(vault, channel), 201);
  });

  routes.openapi(act, async (c) => {
    const { customer = {}, ...body } = c.req.valid("json");
    const channel = await find(c.var.principal, c.req.valid("param").id);
    const who = {
      id: customer.id ?? CUSTOMERS[channel.kind],
      name: customer.name ?? CUSTOMER_NAME,
    };
    return c.json(show(await phones.act(channel, who, actIn(body))), 201);
  });

  routes.openapi(thread, async (c) => {
    const channel = await find(c.var.principal, c.req.valid("param").id);
    const { customer_id: id = CUSTOMERS[channel.kind] } = c.req.valid("query");
    return c.json({ data: (await phones.thread(channel, id)).map(show) }, 200);
  });

  routes.openapi(faults, async (c) => {
    requireAvailable();
    await phones.setFaults(c.req.valid("json"));
    return c.json(phones.faults, 200);
  });

  return routes;
}

function actIn(body: Omit<z.infer<typeof ActBody>, "customer">): Act {
  const acts: Act[] = [];
  if (body.text !== undefined) acts.push({ do: "text", text: body.text });
  if (body.image) acts.push({ do: "image", ...body.image });
  if (body.reaction) {
    acts.push({ do: "reaction", messageId: body.reaction.message_id, emoji: body.reaction.emoji });
  }
  if (body.story_reply) acts.push({ do: "story_reply", ...body.story_reply });
  if (body.ad_click) acts.push({ do: "ad_click", ...body.ad_click });
  const [act] = acts;
  if (act && acts.length === 1) return act;
  throw fieldRefused("", "holds one of text, image, reaction, story_reply and ad_click");
}

function show(entry: PhoneEntry): z.infer<typeof ShownEntry> {
  const { id, author, type, about, statuses } = entry;
  return {
    ...{ id, author, type, text: entry.text, about, statuses },
    at: showInstant(entry.at),
    webhook_status: entry.webhookStatus,
  };
}
