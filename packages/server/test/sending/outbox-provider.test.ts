import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type FaultInput, type Simulator, startSimulator } from "../../../simulator/src/index.ts";
import { publicId } from "../../src/core/ids.ts";
import { systemClock } from "../../src/runtime/clock.ts";
import {
  createProviderClient,
  type ProviderClient,
} from "../../src/runtime/network/provider-client.ts";
import { createTimerWheel, type TimerWheel } from "../../src/runtime/timer-wheel.ts";
import {
  ADA,
  openPostOffice,
  type PostOffice,
  placesAt,
  SHOP,
  type Station,
} from "../support/messages/post-office.ts";

// Over real sockets, against the provider that is played by somebody else.

let office: PostOffice;
let simulator: Simulator;
let wheel: TimerWheel;
let http: ProviderClient;
let station: Station;
let ada: { conversationId: string; contactId: string };
beforeEach(async () => {
  const clock = systemClock();
  simulator = await startSimulator({ appSecret: "secret", settings: { window: "off" } });
  wheel = createTimerWheel({ clock });
  wheel.start();
  http = createProviderClient({ clock, wheel });
  office = await openPostOffice({ realTime: true });
  station = await office.station({
    outbox: { http, places: placesAt(simulator.url) },
  });
  ada = await office.hear(station);
});
afterEach(async () => {
  await http.close();
  wheel.stop();
  await simulator.close();
  await office.end();
});

const sendsSeen = () =>
  simulator.requests().requests.filter(({ path }) => path.endsWith(`${SHOP}/messages`)).length;

describe("a provider over real sockets", () => {
  test("takes a message with our id and is heard", async () => {
    const id = await office.post(station, office.unit(ada, "Grüße 👋"));
    const settled = await station.outbox.send(id, 10_000);
    const [message] = simulator.accepted().messages;
    expect(message).toMatchObject({
      to: `+${ADA}`,
      biz_opaque_callback_data: publicId("msg", id),
      body: { text: { body: "Grüße 👋" } },
    });
    expect(settled).toMatchObject({ status: "sent", providerId: message?.id });
  });

  test.each<[string, FaultInput, number]>([
    ["answers with a page of HTML after it took it (21)", { kind: "bare", accept: true }, 1],
    ["answers with a page of HTML and did not take it", { kind: "bare", status: 504 }, 0],
    ["drops the connection after it took it", { kind: "drop" }, 1],
    ["cuts its answer in half", { kind: "cut" }, 1],
  ])("that %s leaves the message in doubt and is not asked again", async (_, fault, taken) => {
    simulator.addFaults(fault);
    const id = await office.post(station, office.unit(ada));
    expect(await station.outbox.send(id, 10_000)).toMatchObject({ status: "sending" });
    expect(await office.outboxRows()).toMatchObject([{ state: "in_doubt" }]);
    await station.outbox.runOnce();
    await station.outbox.sweepOnce();
    expect(sendsSeen()).toBe(1);
    expect(simulator.accepted().messages).toHaveLength(taken);
  });

  test.each([130429, 131056, 131016, 131000, 133004, 2])(
    "that says %i in its own envelope is asked again",
    async (code) => {
      simulator.addFaults({ kind: "error", code });
      const id = await office.post(station, office.unit(ada));
      const sent = station.outbox.send(id, 10_000);
      const running = new AbortController();
      const run = station.outbox.run(running.signal);
      expect(await sent).toMatchObject({ status: "sent" });
      running.abort();
      await run;
      expect(sendsSeen()).toBe(2);
      expect(simulator.accepted().messages).toHaveLength(1);
    },
  );

  test.each([
    [131047, "window_closed"],
    [131026, "recipient_unreachable"],
    [131009, "invalid_message"],
    [132001, "template_invalid"],
  ])("that says %i fails the message with its own details", async (code, word) => {
    // The window has long been over by our record as well.
    await office.rows("update conversation set last_inbound_at = now() - interval '2 days'");
    simulator.addFaults({ kind: "error", code, details: "the provider's details" });
    const id = await office.post(station, office.unit(ada));
    expect(await station.outbox.send(id, 10_000)).toMatchObject({
      status: "failed",
      error: { code: word, provider_code: String(code), details: "the provider's details" },
    });
    expect(sendsSeen()).toBe(1);
  });

  test("that refuses the token pauses the channel", async () => {
    simulator.setToken({ token: "EAAB", state: "expired" });
    const id = await office.post(station, office.unit(ada));
    expect(await station.outbox.send(id, 10_000)).toMatchObject({ status: "queued" });
    expect(await office.rows("select state from channel")).toEqual([{ state: "paused" }]);
  });

  test("that is not there is asked again when it is", async () => {
    const gone = await office.station({
      outbox: { http, places: placesAt("http://127.0.0.1:9") },
    });
    const id = await office.post(gone, office.unit(ada));
    expect(await gone.outbox.send(id, 500)).toMatchObject({ status: "queued" });
    await office.rows("update outbox set next_at = now() - interval '1 second'");
    expect(await station.outbox.send(id, 10_000)).toMatchObject({ status: "sent" });
    expect(simulator.accepted().messages).toHaveLength(1);
  });
});
