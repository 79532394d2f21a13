import { readFileSync } from "node:fs";
import { createServer, type TLSSocket } from "node:tls";
import { describe, expect, test } from "vitest";
import { answer, localhostCert, type Release } from "../fixtures/local-server.ts";
import { bench, request } from "../fixtures/webhook-bench.ts";

const pem = (name: string) => readFileSync(new URL(`../fixtures/${name}`, import.meta.url), "utf8");
const client = { certificate: pem("client-cert.pem"), private_key: pem("client-key.pem") };
const other = { certificate: localhostCert, private_key: pem("localhost-key.pem") };

/** Answers with the name on the certificate that it was shown. */
async function curious(release: Release) {
  const shown: string[] = [];
  const server = createServer(
    {
      cert: localhostCert,
      key: pem("localhost-key.pem"),
      requestCert: true,
      rejectUnauthorized: false,
    },
    (socket: TLSSocket) => {
      const name = String(socket.getPeerCertificate().subject?.CN ?? "nobody");
      shown.push(name);
      socket.on("error", () => {}).on("data", () => socket.write(answer(name)));
    },
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  release(() => void server.close());
  const address = server.address();
  const port = typeof address === "object" ? address?.port : 0;
  return { url: `https://receiver.test:${port}/`, shown };
}

describe("a client certificate", () => {
  test("is shown to a receiver that asks for it", async ({ onTestFinished }) => {
    const { url } = await curious(onTestFinished);
    const webhooks = bench(onTestFinished, { ca: localhostCert }).client;
    const target = webhooks.open("1", { url, maxConnections: 1, clientCertificate: client });
    expect(await target.post(request())).toMatchObject({ status: 200, body: "curlew client" });
  });

  test("is one tenant's alone: another one at the same origin has connections of its own", async ({
    onTestFinished,
  }) => {
    const { url, shown } = await curious(onTestFinished);
    const webhooks = bench(onTestFinished, { ca: localhostCert }).client;
    const open = (key: string, clientCertificate?: typeof client) =>
      webhooks.open(key, { url, maxConnections: 1, clientCertificate });
    const [a, b, c] = [open("1 a", client), open("2 b", other), open("3")];
    for (let round = 0; round < 2; round++) {
      expect(await a.post(request())).toMatchObject({ body: "curlew client" });
      expect(await b.post(request())).toMatchObject({ body: "localhost" });
      expect(await c.post(request())).toMatchObject({ body: "nobody" });
    }
    expect(shown).toHaveLength(3);
  });
});
