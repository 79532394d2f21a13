import { createHmac } from "node:crypto";
import { onTestFinished } from "vitest";
import { systemClock } from "../../src/runtime/clock.ts";
import type { Answer, ServerProcess } from "../support/processes/server-process.ts";

export const APP_SECRET = "an-app-secret-for-real-processes";
export const PHONE_NUMBER_ID = "106540352242922";
const PAUSE_MS = 20;
const NOT_NOW = 503;

/** What callers sent, and what they were answered. */
export interface Load {
  /** The ids of published events by their idempotency key, of every request that was answered. */
  readonly accepted: ReadonlyMap<string, string>;
  /** Provider ids of the inbound messages that were answered. */
  readonly received: ReadonlySet<string>;
  /** Requests that got no answer and were sent again. */
  readonly unanswered: number;
  /**
   * Answers of 500 and above that no caller should ever meet. Those requests were sent again too, as were
   * those of which it was said (503) that nothing was kept, since the database was away.
   */
  readonly faults: readonly Answer[];
  /** Every caller ends with what it is at. Rejects when one was answered what it cannot live with. */
  stop(): Promise<void>;
}

/** The server that a caller turns to, given how often this request was left unanswered. */
export type Target = (unanswered: number) => ServerProcess | Promise<ServerProcess>;

/**
 * Callers that publish events and bring inbound messages, each as fast as it is answered, and that
 * repeat exactly what was not. Keys and provider ids begin with the number of their caller.
 */
export function startLoad(callers: readonly Target[]): Load {
  const clock = systemClock();
  const accepted = new Map<string, string>();
  const received = new Set<string>();
  const faults: Answer[] = [];
  let unanswered = 0;
  let isStopped = false;
  let isOver = false;
  onTestFinished(() => {
    isStopped = true;
    isOver = true;
  });

  async function answerTo(
    target: Target,
    ask: (server: ServerProcess) => Promise<Answer>,
  ): Promise<Answer> {
    for (let tries = 0; ; tries++) {
      const answer = await ask(await target(tries)).catch(() => null);
      if (answer && answer.status < 500) return answer;
      if (isOver) throw new Error("The test is over");
      if (answer === null) unanswered++;
      else if (answer.status !== NOT_NOW) faults.push(answer);
      await clock.sleep(PAUSE_MS);
    }
  }

  async function publish(target: Target, keys: string[]): Promise<void> {
    const events = keys.map((key) => ({
      type: "order.placed",
      data: { key },
      idempotency_key: key,
    }));
    const body = events.length === 1 ? events[0] : events;
    const answer = await answerTo(target, (server) => server.call("POST", "/events", body));
    if (answer.status !== 202) throw new Error(JSON.stringify(answer.body));
    const ids: { id: string }[] = events.length === 1 ? [answer.body] : answer.body.data;
    keys.forEach((key, at) => {
      accepted.set(key, ids[at]?.id ?? "");
    });
  }

  async function bring(target: Target, id: string, from: string) {
    const answer = await answerTo(target, ({ url }) => postToMeta(url, inboundText(id, from)));
    if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
    received.add(id);
  }

  const running = callers.map(async (target, caller) => {
    for (let n = 0; !isStopped; n++) {
      const key = `${caller}-${n}`;
      if (caller % 4 === 0) await bring(target, `wamid.${key}`, `1650555000${n % 3}`);
      else if (caller % 4 === 1)
        await publish(
          target,
          [1, 2, 3, 4, 5].map((i) => `${key}-${i}`),
        );
      else await publish(target, [key]);
    }
  });
  // Whoever stops the load is told.
  for (const each of running) each.catch(() => {});
  return {
    ...{ accepted, received, faults },
    get unanswered() {
      return unanswered;
    },
    async stop() {
      isStopped = true;
      await Promise.all(running);
    },
  };
}

/** A text as WhatsApp brings it. */
export function inboundText(id: string, from: string, body = "Is it still there?"): string {
  const value = {
    messaging_product: "whatsapp",
    metadata: { display_phone_number: "15550783881", phone_number_id: PHONE_NUMBER_ID },
    contacts: [{ profile: { name: "Sheena Nelson" }, wa_id: from }],
    messages: [{ from, id, timestamp: "1749416383", type: "text", text: { body } }],
  };
  return JSON.stringify({
    object: "whatsapp_business_account",
    entry: [{ id: "102290129340398", changes: [{ value, field: "messages" }] }],
  });
}

/** Posts a callback to a server, signed with the app's secret, or another. */
export async function postToMeta(url: string, text: string, secret = APP_SECRET): Promise<Answer> {
  const signature = createHmac("sha256", secret).update(text).digest("hex");
  const response = await fetch(`${url}/in/meta`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-hub-signature-256": `sha256=${signature}` },
    body: text,
  });
  const { status, headers } = response;
  return { status, headers, body: await response.text() };
}
