import { type DemoRequest, perform } from "./curl.ts";
import { DemoFailure } from "./failure.ts";
import type { Arrival } from "./receiver.ts";
import { fieldOf, listAt, type Scene, textAt } from "./scene.ts";

const LOOK_EVERY_MS = 50;
/** Short, so that nobody has to wait for a retry. */
const RETRY_SCHEDULE_S = [1, 5, 30];

/** What the reader can go on with when the story has been told. */
export interface Plot {
  conversationId: string;
  deliveryId: string;
  reply: DemoRequest;
}

/**
 * Shows the whole path, one step after the other. Each step is looked for where it can be seen; a
 * DemoFailure says which one did not happen.
 */
export async function tell(scene: Scene): Promise<Plot> {
  await connectNumber(scene);
  await subscribe(scene);
  const conversationId = await receive(scene);
  const reply = await answer(scene, conversationId);
  const deliveryId = await refuseOnce(scene);
  return { conversationId, deliveryId, reply };
}

async function connectNumber({ stage, screen, ask, post, control }: Scene): Promise<void> {
  screen.step("A WhatsApp number is connected", "It belongs to the simulated Meta.");
  const [number] = stage.meta.numbers().numbers;
  if (!number) throw new Error("the simulator has no number");
  const channel = await ask(
    post("/channels", {
      ...{ kind: "whatsapp", name: "Support", external_id: number.phone_number_id },
      credentials: { access_token: "any-token-will-do" },
    }),
    201,
  );
  screen.answer(channel, `${textAt(channel, "id")}; its token is sealed and never shown`);
  const subscribed = await ask(control("subscribe", { url: `${stage.curlew.url}/in/meta` }), 200);
  screen.answer(subscribed, "Meta asked for the verify token's answer, and got it");
}

async function subscribe({ stage, screen, ask, post }: Scene): Promise<void> {
  screen.step("You subscribe", "An endpoint is a URL of yours and a secret.");
  const endpoint = await ask(
    post("/endpoints", {
      ...{ name: "backend", url: stage.receiver.webhookUrl, retry_schedule: RETRY_SCHEDULE_S },
    }),
    201,
  );
  const secret = textAt(endpoint, "secret");
  stage.receiver.trust(secret);
  screen.answer(endpoint, textAt(endpoint, "id"));
  screen.note(`its secret, ${secret}, is shown only in this answer`);
  screen.note("and is what the receiver verifies with from now on");
}

/** Gives the conversation that the customer's message has opened. */
async function receive({ stage, screen, ask, control, comes }: Scene): Promise<string> {
  screen.step(
    "A customer writes",
    "Meta posts it to Curlew, signed; Curlew posts it to you, signed.",
  );
  const text = "Is my order on its way?";
  const written = await ask(control("messages", { from: "+491701234567", name: "Ada", text }), 200);
  const taken = stage.meta.posts().posts.at(-1)?.attempts[0]?.status ?? null;
  if (taken !== 200) throw new DemoFailure(`Curlew answered ${taken} to Meta, not 200.`);
  screen.answer(written, "and Curlew answered 200 to Meta: the message is in the database");
  const created = await comes("conversation.created", isOf("conversation.created"));
  const received = await comes("message.received", isOf("message.received"));
  screen.blank();
  screen.arrival(created);
  screen.wholeArrival(received);
  return fieldOf(received.event?.conversation, "id");
}

async function answer(
  { screen, ask, post, comes }: Scene,
  conversationId: string,
): Promise<DemoRequest> {
  screen.step("You reply", "The statuses that Meta reports come back as webhooks.");
  const reply = post(
    "/send",
    { conversation_id: conversationId, text: "It is, and you have it on Monday." },
    { "Idempotency-Key": "order-A-1" },
  );
  const sent = await ask(reply, 200);
  screen.answer(sent, `${textAt(sent, "status")}: Meta has it`);
  screen.note(`as ${textAt(sent, "provider_message_id")}`);
  screen.blank();
  for (const type of ["message.sent", "message.delivered", "message.read"]) {
    screen.arrival(await comes(type, isOf(type)));
  }
  return reply;
}

/** Gives the delivery that took two attempts. */
async function refuseOnce(scene: Scene): Promise<string> {
  const { stage, screen, ask, post, comes } = scene;
  screen.step(
    "A webhook is refused, and comes again",
    "Your backend is told to refuse the next one.",
  );
  const refusing = await ask({ method: "POST", url: stage.receiver.refuseUrl }, 200);
  screen.answer(refusing, String(refusing.body).trim());
  const event = { type: "order.shipped", data: { order: "A-1" } };
  const published = await ask(post("/events", event), 202);
  const eventId = textAt(published, "id");
  screen.answer(published, `${eventId}, an event of your own`);
  screen.blank();
  const isAttempt = (n: number) => (each: Arrival) => each.id === eventId && each.attempt === n;
  const first = await comes("order.shipped", isAttempt(1));
  screen.arrival(first);
  if (first.answered === 200) throw new DemoFailure("The webhook was not refused.");
  const second = await comes("order.shipped a second time", isAttempt(2));
  screen.arrival(second);
  if (second.text !== first.text) throw new DemoFailure("The retry had another body.");
  screen.fact(`the same webhook-id and the same bytes, ${RETRY_SCHEDULE_S[0]} s later`);
  return showAttempts(scene, eventId);
}

/** Gives the event's only delivery. */
async function showAttempts({ screen, inTime, ask, get }: Scene, eventId: string): Promise<string> {
  const [delivery] = listAt(await perform(get(`/deliveries?event_id=${eventId}`)), "data");
  const deliveryId = fieldOf(delivery, "id");
  const look = get(`/deliveries/${deliveryId}`);
  await inTime("The record of the second attempt", recorded(look));
  const log = await ask(look, 200);
  const attempts = listAt(log, "attempts").map((each) => fieldOf(each, "status"));
  screen.answer(log, `${textAt(log, "state")}, after attempts answered ${attempts.join(" and ")}`);
  return deliveryId;
}

function isOf(type: string): (arrival: Arrival) => boolean {
  return (arrival) => arrival.type === type;
}

/** An outcome is written a moment after the request; only asking tells when. */
async function recorded(look: DemoRequest): Promise<void> {
  while (textAt(await perform(look), "state") !== "delivered") {
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}
