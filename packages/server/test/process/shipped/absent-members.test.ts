import { expect, test, vi } from "vitest";
import { usedDataDirectory } from "../../support/database/data-directory.ts";
import { startServer } from "../../support/processes/server-process.ts";
import {
  type Described,
  type NulledRequest,
  nulledRequests,
} from "../../support/project/request-bodies.ts";

/** A server is started, on cores that others use too. */
vi.setConfig({ testTimeout: 60_000 });

/** Nobody answers there: whatever a request sets going ends on this machine. */
const NOWHERE = "http://127.0.0.1:9";

interface Refusal {
  errors?: { pointer: string; detail: string }[];
}

test("a member that may be left out may be null, in every body that the API takes", async () => {
  const server = await startServer(
    { dataDir: await usedDataDirectory() },
    { CURLEW_META_GRAPH_URL: NOWHERE, CURLEW_TWILIO_API_URL: NOWHERE },
  );
  const document = (await (await fetch(`${server.url}/openapi.json`)).json()) as Described;
  const requests = nulledRequests(document);
  const members = requests.flatMap(({ path, nulled }) => nulled.map((each) => `${path} ${each}`));
  expect(members.length).toBeGreaterThan(150);
  expect(members).toContain("/v1/send /media/url");
  expect(members).toContain("/v1/webhooks /campaignIds");

  /** What the server has against those of them that stand there, as `pointer: detail`. */
  async function refused({ method, path, nulled }: NulledRequest, body: string): Promise<string[]> {
    const response = await fetch(`${server.url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${server.adminKey}`,
        "content-type": "application/json",
      },
      body: body.replace(/"https?:[^"]*"/g, `"${NOWHERE}"`),
    });
    const text = await response.text();
    expect(response.status, `${method} ${path} ${body}: ${text}`).toBeLessThan(500);
    const { errors = [] }: Refusal = text === "" ? {} : JSON.parse(text);
    const against = errors.filter(({ pointer }) => nulled.includes(pointer));
    return against.map(({ pointer, detail }) => `${method} ${path} ${pointer}: ${detail}`);
  }

  const found: string[] = [];
  let control = 0;
  for (const each of requests) {
    const body = JSON.stringify(each.body);
    const against = await refused(each, body);
    const anyway = against.length > 0 ? await refused(each, JSON.stringify(each.without)) : [];
    found.push(...against.filter((text) => !anyway.includes(text)));
    control += (await refused(each, body.replaceAll("null", '{"no":[]}'))).length;
  }
  expect(found).toEqual([]);
  expect(control, "the check sees what is refused").toBeGreaterThan(100);
});
