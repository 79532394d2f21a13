import { until } from "../../../server/test/support/until.ts";
import type { House } from "../support/house.ts";
import type { Walk } from "../support/walk.ts";

const ids = { dead: "", waiting: "", endpoint: "", event: "", expunged: "", catcher: "" };

async function call(house: House, method: string, path: string, body?: unknown) {
  const answer = await house.server.call(method, path, body);
  if (answer.status > 299)
    throw new Error(`${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
  return answer.body;
}

/** Two receivers inside Curlew, one of which refuses; a phone on which somebody writes. */
async function fill(house: House): Promise<void> {
  const good = await call(house, "POST", "/catchers", { name: "Production CRM" });
  const bad = await call(house, "POST", "/catchers", { name: "Lead scoring", status: 401 });
  const late = await call(house, "POST", "/catchers", { name: "HubSpot bridge", status: 503 });
  ids.catcher = good.id;
  await call(house, "POST", "/endpoints", { name: "Production CRM", url: good.url });
  const dying = { name: "Lead scoring", url: bad.url, retry_schedule: [1] };
  ids.endpoint = (await call(house, "POST", "/endpoints", dying)).id;
  const spoken = { dialect: "chatgenius", enabled: true };
  await call(house, "POST", "/endpoints", { name: "HubSpot bridge", url: late.url, ...spoken });
  const phone = await call(house, "POST", "/simulator/channels", {
    ...{ kind: "whatsapp", name: "Test number" },
  });
  const returned = { type: "order.returned", data: { name: "Rosalind Marsh" } };
  ids.expunged = (await call(house, "POST", "/events", returned)).id;
  const act = (body: object) => call(house, "POST", `/simulator/channels/${phone.id}/acts`, body);
  const asked = await act({ text: "Hi! Are you open on Sunday?" });
  await act({ reaction: { message_id: asked.id, emoji: "👀" } });
  const conversations = await call(house, "GET", `/conversations?channel_id=${phone.id}`);
  await call(house, "POST", "/send", {
    ...{ conversation_id: conversations.data[0].id, text: "Dogs are welcome." },
  });
  await until("something is dead, and something is tried again", async () => {
    const type = "type=message.received";
    const dead = await call(house, "GET", `/dead-letters?${type}`);
    const waiting = await call(house, "GET", `/deliveries?state=pending&${type}`);
    ids.dead = dead.data[0]?.id ?? "";
    ids.event = dead.data[0]?.event_id ?? "";
    ids.waiting = waiting.data.find(({ attempts }: { attempts: number }) => attempts > 0)?.id ?? "";
    return ids.dead !== "" && ids.waiting !== "";
  });
  // While a request with it is made it is not to be had.
  await until("a body is expunged", async () => {
    const answer = await house.server.call("POST", `/events/${ids.expunged}/expunge`);
    return answer.status === 200;
  });
}

/** Deliveries, dead letters, events, the simulator and the catcher. */
export const trafficWalk: Walk = {
  fill,
  views: () => [
    { name: "deliveries", path: "/deliveries?range=24h", onPhone: true },
    { name: "deliveries-drawer", path: `/deliveries?open=${ids.waiting}`, onPhone: true },
    {
      name: "deliveries-export",
      path: "/deliveries",
      async prepare(page) {
        await page.getByRole("button", { name: "Export" }).click();
        await page.getByRole("menu").waitFor();
      },
    },
    {
      name: "deliveries-views",
      path: "/deliveries?state=dead",
      async prepare(page) {
        await page.getByRole("button", { name: "Saved views" }).click();
        await page.getByRole("menuitem", { name: "Save this view…" }).waitFor();
      },
    },
    { name: "deliveries-none", path: "/deliveries?type=order.never" },
    { name: "delivery", path: `/deliveries/${ids.dead}`, onPhone: true },
    {
      name: "deliveries-selected",
      path: "/deliveries",
      async prepare(page) {
        await page.getByRole("row").nth(1).waitFor();
        await page.keyboard.press("j");
        await page.keyboard.press("x");
        await page.getByRole("toolbar").waitFor();
      },
    },
    {
      name: "why",
      path: `/deliveries?open=${ids.dead}`,
      async prepare(page) {
        await page.getByRole("button", { name: /^Why/ }).click();
        await page.getByRole("dialog").getByText("Lead scoring").first().waitFor();
      },
    },
    { name: "dead-letters", path: "/dead-letters", onPhone: true },
    {
      name: "dead-letters-replay",
      path: `/dead-letters?endpoint=${ids.endpoint}`,
      async prepare(page) {
        await page.getByRole("button", { name: /^Replay \d/ }).click();
        await page.getByRole("dialog").getByText("Counted at").waitFor();
      },
    },
    { name: "events", path: "/events", onPhone: true },
    { name: "events-drawer", path: `/events?open=${ids.event}` },
    { name: "event", path: `/events/${ids.event}`, onPhone: true },
    {
      name: "event-expunge",
      path: `/events/${ids.event}`,
      onPhone: true,
      async prepare(page) {
        await page.getByRole("button", { name: "Expunge body…" }).click();
        await page.getByRole("dialog").waitFor();
      },
    },
    { name: "event-expunged", path: `/events/${ids.expunged}`, onPhone: true },
    {
      name: "catalogue",
      path: "/event-types?type=message.received&dialect=chatgenius",
      onPhone: true,
    },
    {
      name: "simulator",
      path: "/simulator",
      onPhone: true,
      async prepare(page) {
        await page.getByText("Dogs are welcome.").waitFor();
      },
    },
    { name: "simulator-empty", path: "/simulator?kind=sms" },
    { name: "catcher", path: `/catcher?catcher=${ids.catcher}`, onPhone: true },
  ],
};
