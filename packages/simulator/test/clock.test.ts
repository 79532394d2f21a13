import { describe, expect, test } from "vitest";
import { play, send, startReceiver, stoppedClock, textTo, USER } from "./support/stage.ts";

describe("the simulator's clock", () => {
  test("goes forward by a length or to an instant, never back", async () => {
    const clock = stoppedClock();
    const simulator = await play({ clock });
    expect(simulator.clock().now).toBe("2026-03-02T09:00:00.000Z");
    await simulator.moveClock({ advance_ms: 1_500 });
    expect(simulator.clock().now).toBe("2026-03-02T09:00:01.500Z");
    await simulator.moveClock({ to: "2026-03-03T09:00:00Z" });
    expect(simulator.clock().now).toBe("2026-03-03T09:00:00.000Z");
    await expect(simulator.moveClock({ to: "2026-03-01T09:00:00Z" })).rejects.toThrow(
      /still to come/,
    );
    await expect(simulator.moveClock({})).rejects.toThrow(/advance_ms/);
    simulator.reset();
    expect(simulator.clock().now).toBe("2026-03-02T09:00:00.000Z");
  });

  test("closes windows and brings refused webhooks again", async () => {
    let refuses = true;
    const { url: webhookUrl, received } = await startReceiver(() => (refuses ? 500 : 200));
    const simulator = await play({
      webhookUrl,
      clock: stoppedClock(),
      settings: { window: "sync" },
    });
    await simulator.emitMessage({ from: USER, text: "hi" });
    expect((await send(simulator, textTo(USER))).status).toBe(200);
    refuses = false;
    const { posts } = await simulator.moveClock({ advance_ms: 24 * 3_600_000 });
    expect(posts).toMatchObject([{ state: "delivered" }]);
    expect(received).toHaveLength(2);
    expect((await send(simulator, textTo(USER))).code).toBe(131047);
  });
});
