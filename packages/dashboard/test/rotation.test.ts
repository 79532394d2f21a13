import { createHmac } from "node:crypto";
import type { Page } from "playwright-core";
import { describe, expect, onTestFinished, test } from "vitest";
import { verifyWebhook } from "../../sdk/src/index.ts";
import { until } from "../../server/test/support/until.ts";
import { hasChromium } from "./support/chromium.ts";
import { must, openReceiver, type Received } from "./support/fill.ts";
import { useHouse } from "./support/house.ts";

const LIMIT_MS = 180_000;
/** Events that are to arrive in each stage of a rotation. */
const SOME = 5;

const isSigned = {
  curlew: ({ headers, body }: Received, secret: string) =>
    verifyWebhook({ payload: body, headers, secret }).then(
      () => true,
      () => false,
    ),
  chatmefy: async ({ headers, body }: Received, secret: string) => {
    const text = JSON.stringify(JSON.parse(body));
    const right = createHmac("sha256", secret).update(text).digest("hex");
    return headers["x-chatmefy-signature"] === `sha256=${right}`;
  },
};

/** What the secret's dialog shows once, put away. */
async function takeSecret(page: Page): Promise<string> {
  const secret = await page.locator("[data-secret]").innerText();
  await page.getByRole("checkbox", { name: /^I have/ }).click();
  await page.getByRole("button", { name: "Done" }).click();
  await page.locator("[data-secret]").waitFor({ state: "detached" });
  return secret;
}

describe.skipIf(!hasChromium)("a secret that is rotated on the endpoint's page", () => {
  const house = useHouse();

  /** A customer's receiver: takes only what is signed with a secret that it knows by then. */
  async function openCustomer(dialect: keyof typeof isSigned) {
    const known = new Set<string>();
    const taken = new Set<unknown>();
    const refused: unknown[] = [];
    const receiver = await openReceiver(async (_, request) => {
      const id = request.headers["webhook-id"];
      const verdicts = [...known].map((secret) => isSigned[dialect](request, secret));
      const isGenuine = (await Promise.all(verdicts)).includes(true);
      if (isGenuine) taken.add(id);
      else refused.push(id);
      return isGenuine ? 200 : 401;
    });
    onTestFinished(() => receiver.close());
    return { url: receiver.url, known, taken, refused };
  }

  /** Events that leave one after another, each when the one before has been taken. */
  function startFlow(taken: ReadonlySet<unknown>) {
    const published: string[] = [];
    let isStopped = false;
    onTestFinished(() => {
      isStopped = true;
    });
    const ended = (async () => {
      while (!isStopped) {
        const lead = { id: `lead_${published.length}`, email: "aino@example.com" };
        const event = { type: "lead.created", data: { lead } };
        const { id } = await must(house.server, "POST", "/events", event);
        published.push(id);
        await until(`${id} is taken`, () => taken.has(id), 60_000);
      }
    })();
    ended.catch(() => {}); // told to whoever waits for it
    return {
      published,
      /** Until so many more have begun and, but for the last, been taken. */
      async goesOn() {
        const end = published.length + SOME;
        await Promise.race([ended, until("events flow", () => published.length > end, 60_000)]);
      },
      /** Resolves when the last one has been taken. */
      async stop() {
        isStopped = true;
        await ended;
      },
    };
  }

  const cases: readonly {
    dialect: keyof typeof isSigned;
    resends: boolean;
    retires: string | RegExp;
  }[] = [
    {
      dialect: "curlew",
      resends: false,
      retires: "A receiver that still checks it will refuse what comes next.",
    },
    {
      dialect: "chatmefy",
      resends: true,
      retires:
        /^\d+ deliver(y was|ies were) taken only because (it was|they were) signed with it\./,
    },
  ];
  test.each(cases)(
    "is staged, promoted and retired while events flow, and none is lost ($dialect)",
    async ({ dialect, resends, retires }) => {
      const { server } = house;
      const customer = await openCustomer(dialect);
      const { id, secret: old } = await must(server, "POST", "/endpoints", {
        ...{ name: `Lead scoring, ${dialect}`, url: customer.url, dialect, enabled: true },
        events: ["lead.created"],
      });
      customer.known.add(old);
      const flow = startFlow(customer.taken);
      await flow.goesOn();

      const { page, complaints } = await house.visit();
      await page.goto(`/endpoints/${id}?tab=secrets`);
      const secrets = page.getByRole("region", { name: "Signing secrets" });
      await secrets.getByRole("button", { name: "Stage a new secret" }).click();
      const fresh = await takeSecret(page);
      expect(fresh).not.toBe(old);
      await flow.goesOn();

      await secrets.getByRole("button", { name: "Promote it" }).click();
      await page.getByText("The new secret signs", { exact: true }).first().waitFor();
      // The receiver is late: until now it knows the old secret alone.
      await flow.goesOn();
      customer.known.add(fresh);
      await flow.goesOn();
      customer.known.delete(old);
      const refusedBefore = customer.refused.length;
      await flow.goesOn();

      await page.reload();
      await secrets.getByRole("button", { name: "Retire…" }).click();
      const dialog = page.getByRole("dialog", { name: /^Retire the old secret of/ });
      await dialog.getByText(retires).waitFor();
      await dialog.getByRole("button", { name: "Retire it" }).click();
      await page.getByText("The old secret is retired").waitFor();
      await flow.goesOn();
      await flow.stop();
      customer.known.clear();
      customer.known.add(old);
      const last = await must(server, "POST", "/events", {
        type: "lead.created",
        data: { lead: { id: "lead_last", email: "aino@example.com" } },
      });
      await until("what the old secret does not sign is refused", () =>
        customer.refused.includes(last.id),
      );

      expect(flow.published.filter((each) => !customer.taken.has(each))).toEqual([]);
      // Where a request has room for one signature, the late receiver was asked twice, and nobody after it.
      expect(refusedBefore > 0).toBe(resends);
      expect(customer.refused).toHaveLength(refusedBefore + 1);
      // Outcomes are written a moment after the request.
      await until("each delivery took one attempt", async () => {
        const { "delivered after 1": delivered, ...others } = await tally(id);
        return delivered === flow.published.length && others["pending after 1"] === 1;
      });
      expect(complaints).toEqual([]);
    },
    LIMIT_MS,
  );

  /** How the endpoint's deliveries stand: each state with its requests, and how many. */
  async function tally(endpoint: string): Promise<Record<string, number>> {
    const counts: Record<string, number> = {};
    let place = "";
    do {
      const path = `/deliveries?endpoint_id=${endpoint}&limit=100${place}`;
      const { data, next_cursor: next } = await must(house.server, "GET", path);
      for (const { state, attempts } of data) {
        const stands = `${state} after ${attempts}`;
        counts[stands] = (counts[stands] ?? 0) + 1;
      }
      place = next === null ? "" : `&cursor=${next}`;
    } while (place !== "");
    return counts;
  }
});
