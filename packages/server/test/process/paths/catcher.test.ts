import { expect, test, vi } from "vitest";
import { createHome } from "../../support/processes/server-home.ts";
import {
  type Answer,
  type ServerProcess,
  startServer,
} from "../../support/processes/server-process.ts";
import { until } from "../../support/until.ts";

vi.setConfig({ testTimeout: 60_000 });

/** Nothing private may be reached but what is ours. */
const STRICT = { CURLEW_ALLOW_TARGETS: "" };

async function ok(answer: Promise<Answer>) {
  const { status, body } = await answer;
  if (status > 299) throw new Error(`${status} ${JSON.stringify(body)}`);
  return body;
}

/** What has been caught, as soon as it is that many. */
async function caught(server: ServerProcess, id: string, count: number) {
  let data: { id: string; [name: string]: unknown }[] = [];
  await until(`${count} requests are caught`, async () => {
    data = (await ok(server.call("GET", `/catchers/${id}/requests`))).data;
    return data.length >= count;
  });
  return data;
}

test("an endpoint at a catcher gets its webhooks on loopback, and the catcher says that they are signed", async () => {
  const server = await startServer((await createHome()).place, STRICT);
  const catcher = await ok(server.call("POST", "/catchers", { name: "First" }));
  expect(catcher.url).toBe(`${server.url}/catch/${catcher.id}`);
  const endpoint = await ok(
    server.call("POST", "/endpoints", { name: "Mine", url: catcher.url, retry_schedule: [1] }),
  );
  const event = { type: "order.shipped", data: { number: "Ä 7" } };
  const { id: eventId } = await ok(server.call("POST", "/events", event));
  const [request] = await caught(server, catcher.id, 1);
  expect(request).toMatchObject({
    method: "POST",
    answered: 200,
    event_id: eventId,
    event_type: "order.shipped",
    endpoint_id: endpoint.id,
    signature: { accepted: true, dialect: "curlew", findings: [] },
  });
  const whole = await ok(server.call("GET", `/catchers/${catcher.id}/requests/${request?.id}`));
  expect(JSON.parse(whole.body)).toMatchObject({ id: eventId, data: { number: "Ä 7" } });
  expect(whole).toMatchObject({ encoding: "utf8", body_is_whole: true });
  expect(await ok(server.call("GET", `/deliveries/${whole.delivery_id}`))).toMatchObject({
    ...{ id: whole.delivery_id, endpoint_id: endpoint.id },
  });

  // The same bytes with another's signature, without one, and no text at all.
  const headers = Object.fromEntries(whole.headers);
  const signature = headers["webhook-signature"].replace(/.{6}$/, "AAAAA=");
  const forged = { ...headers, "webhook-signature": signature };
  for (const each of [forged, { "content-type": "text/plain" }]) {
    await fetch(catcher.url, { method: "POST", headers: each, body: whole.body });
  }
  await fetch(catcher.url, { method: "PUT", body: Uint8Array.of(0xff, 0xfe, 0x00) });
  const [bytes, bare, wrong] = await caught(server, catcher.id, 4);
  const codesOf = (entry: unknown) =>
    (entry as { signature: { findings: { code: string }[] } }).signature.findings.map(
      ({ code }) => code,
    );
  expect(codesOf(wrong)).toEqual(["no_match"]);
  expect(codesOf(bare)).toContain("missing_header");
  expect(
    await ok(server.call("GET", `/catchers/${catcher.id}/requests/${bytes?.id}`)),
  ).toMatchObject({ method: "PUT", encoding: "base64", body: "//4A", body_bytes: 3 });

  // What it answers is what the delivery gets.
  await ok(server.call("PATCH", `/catchers/${catcher.id}`, { status: 503 }));
  const failed = await ok(server.call("POST", "/events", event));
  await until("it is dead", async () => {
    const { data } = await ok(server.call("GET", `/deliveries?event_id=${failed.id}`));
    return data[0]?.state === "dead" && data[0]?.last_status === 503;
  });

  // Nothing else of ours may be reached, however it is spelled.
  for (const url of [
    `${server.url}/v1/events`,
    `${catcher.url}/../../v1/events`,
    `${server.url}/catch/`,
    `${catcher.url}?x=1`,
    catcher.url.replace("127.0.0.1", "localhost"),
  ]) {
    const refused = await server.call("POST", "/endpoints", { name: "No", url });
    expect([refused.status, refused.body.code], url).toEqual([422, "address_refused"]);
  }
});

test("a catcher verifies every dialect by its own signature, and proves itself where it must", async () => {
  const server = await startServer((await createHome()).place, STRICT);
  for (const dialect of ["curlew", "chatgenius", "chatmefy", "dmtolead", "genesy"]) {
    const catcher = await ok(server.call("POST", "/catchers", { name: dialect }));
    const secret = dialect === "genesy" ? { secret: "a-clear-secret-of-genesy" } : {};
    const body = { name: dialect, url: catcher.url, dialect, enabled: true, ...secret };
    const { id } = await ok(server.call("POST", "/endpoints", body));
    const before = (await ok(server.call("GET", `/catchers/${catcher.id}/requests`))).data.length;
    await ok(server.call("POST", `/endpoints/${id}/test`, {}));
    const [tried] = await caught(server, catcher.id, before + 1);
    expect(tried, dialect).toMatchObject({
      ...{ endpoint_id: id, signature: { accepted: true, dialect } },
    });
  }
});

test("a catcher keeps its last requests alone, and no body of them where message bodies are purged", async () => {
  const home = await createHome();
  const server = await startServer(home.place, STRICT);
  const catcher = await ok(server.call("POST", "/catchers", { keep: 3, status: 204 }));
  for (let n = 0; n < 5; n++) {
    const answer = await fetch(catcher.url, { method: "POST", body: `number ${n}` });
    expect([answer.status, await answer.text()]).toEqual([204, ""]);
  }
  const path = `/catchers/${catcher.id}/requests`;
  const first = await ok(server.call("GET", `${path}?limit=2`));
  const rest = await ok(server.call("GET", `${path}?limit=2&cursor=${first.next_cursor}`));
  const bodies = await Promise.all(
    [...first.data, ...rest.data].map(
      async ({ id }: { id: string }) => (await ok(server.call("GET", `${path}/${id}`))).body,
    ),
  );
  expect(bodies).toEqual(["number 4", "number 3", "number 2"]);
  await ok(server.call("DELETE", path));
  expect((await ok(server.call("GET", path))).data).toEqual([]);

  await ok(server.call("POST", "/endpoints", { name: "Mine", url: catcher.url }));
  await home.query(`update workspace set settings = '{"inbound_body_purge":true}'`);
  await ok(server.call("POST", "/events", { type: "order.shipped", data: { secret: "canary" } }));
  const [request] = await caught(server, catcher.id, 1);
  expect(request).toMatchObject({ signature: { accepted: true } });
  expect(await ok(server.call("GET", `${path}/${request?.id}`))).toMatchObject({ body: null });
  const kept =
    "select from catcher_request t where strpos(t::text, 'canary') > 0 or body is not null";
  expect(await home.query(kept)).toEqual([]);

  await ok(server.call("DELETE", `/catchers/${catcher.id}`));
  expect((await fetch(catcher.url, { method: "POST", body: "late" })).status).toBe(404);
  expect((await server.call("GET", path)).status).toBe(404);
});
