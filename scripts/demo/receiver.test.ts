import { expect, test } from "vitest";
import { startReceiver } from "./receiver.ts";

test("a webhook of an endpoint that the demo did not make is refused in words that say so", async () => {
  const receiver = await startReceiver();
  try {
    receiver.trust(`whsec_${Buffer.alloc(32, 1).toString("base64")}`);
    const arrival = receiver.first(() => true);
    const answer = await fetch(receiver.webhookUrl, {
      method: "POST",
      headers: {
        "webhook-id": "evt_1",
        "webhook-timestamp": "1795334164",
        "webhook-signature": `v1,${Buffer.alloc(32, 2).toString("base64")}`,
      },
      body: "{}",
    });
    expect(answer.status).toBe(401);
    expect((await arrival).problem).toBe("not signed with the secret of step 2");
  } finally {
    await receiver.close();
  }
});
