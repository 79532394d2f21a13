import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { createContext, runInContext } from "node:vm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ROOT } from "../../server/test/support/project/documents.ts";
import { type Installed, installSdk } from "./support/installed.ts";

/** npm, a compiler and a bundler, on cores that others use too. */
const LIMIT_MS = 120_000;
const BUNDLER = join(ROOT, "node_modules/vite/bin/vite.js");
/** What a page pays for all of it; much less where it only verifies. */
const MOST_BYTES = 24_000;

let shop: Installed;

beforeAll(async () => {
  shop = await installSdk();
}, LIMIT_MS);
afterAll(() => shop.remove());

describe("the package", () => {
  test("holds what runs and its types, the readme and the licence, and needs nothing else", () => {
    const { files, folder } = shop;
    expect(files).toEqual(
      expect.arrayContaining([
        ...["README.md", "LICENSE", "package.json", "dist/index.js", "dist/index.d.ts"],
        ...["dist/commonjs/index.js", "dist/commonjs/index.d.ts"],
      ]),
    );
    const strangers = files.filter(
      (file) => !/\.(js|d\.ts|md)$|^LICENSE$|package\.json$/.test(file),
    );
    expect(strangers).toEqual([]);
    const manifest = readFileSync(join(folder, "node_modules/@curlew/sdk/package.json"), "utf8");
    expect(JSON.parse(manifest)).not.toHaveProperty("dependencies");
    const size = files.reduce(
      (sum, file) => sum + statSync(join(folder, "node_modules/@curlew/sdk", file)).size,
      0,
    );
    expect(size).toBeLessThan(600_000);
  });

  test(
    "is imported and required, and gives the same either way",
    async () => {
      shop.write(
        "a.mjs",
        'import * as sdk from "@curlew/sdk"; console.log(Object.keys(sdk).sort());',
      );
      shop.write("a.cjs", 'console.log(Object.keys(require("@curlew/sdk")).sort());');
      const [imported, required] = [await shop.run(["a.mjs"]), await shop.run(["a.cjs"])];
      expect(required).toBe(imported);
      expect(imported).toContain("CurlewClient");
      expect(imported).toContain("verifyWebhook");
    },
    LIMIT_MS,
  );
});

describe("its types", () => {
  const USE = `
    import { readFile } from "node:fs/promises";
    import type { IncomingHttpHeaders } from "node:http";
    import { CurlewClient, CurlewError, verifyWebhook, type WebhookEvent } from "@curlew/sdk";

    const curlew = new CurlewClient({ baseUrl: "https://a.example", apiKey: "k" });

    export async function receive(payload: Buffer, headers: IncomingHttpHeaders): Promise<string> {
      type Event = WebhookEvent<{ "order.shipped": { order: string } }>;
      const { payload: event } = await verifyWebhook<Event>({ payload, headers, secret: "whsec_x" });
      if (event.type === "order.shipped") return event.data.order.toUpperCase();
      if (event.type === "message.received") {
        const { content } = event.data.message;
        return content.type === "text" ? content.text : content.type;
      }
      await curlew.media.upload(await readFile("a.png"), { filename: "a.png" });
      for await (const { id } of curlew.deadLetters.all({ limit: 5 })) return id;
      const error: unknown = await curlew.send({ to_phone: "+1", text: "a" }).catch((e: unknown) => e);
      return error instanceof CurlewError ? error.code : event.workspace_id;
    }
    // @ts-expect-error there is no such thing
    curlew.nonsense;
    // @ts-expect-error it is not said to whom
    curlew.send({ text: "a" });
    // @ts-expect-error an endpoint has no such state
    curlew.endpoints.list({ state: "asleep" });
  `;

  test.each([
    ["node16", "use.mts", ["--module", "node16", "--moduleResolution", "node16"]],
    ["node16, required", "use.cts", ["--module", "node16", "--moduleResolution", "node16"]],
    ["nodenext", "use.mts", ["--module", "nodenext", "--moduleResolution", "nodenext"]],
    ["nodenext, required", "use.cts", ["--module", "nodenext", "--moduleResolution", "nodenext"]],
    ["bundler", "use.ts", ["--module", "esnext", "--moduleResolution", "bundler"]],
    ["every strict flag", "use.mts", ["--module", "nodenext", "--exactOptionalPropertyTypes"]],
  ])(
    "are found and right under %s",
    async (_, file, options) => {
      shop.write(file, USE);
      expect(await shop.check([file], options)).toBe("");
    },
    LIMIT_MS,
  );
});

test(
  "a bundle for browsers is small, and runs where there is nothing of Node",
  async () => {
    shop.write("index.html", '<script type="module" src="/page.js"></script>');
    shop.write(
      "page.js",
      `import { CurlewClient, signWebhook, verifyWebhook } from "@curlew/sdk";
      globalThis.done = (async () => {
        const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        const payload = '{"id":"evt_1"}';
        const headers = await signWebhook({ id: "evt_1", timestamp: new Date(), payload, secret });
        const verified = await verifyWebhook({ payload, headers: new Headers(headers), secret });
        const fetch = async () => Response.json({ version: "1.2.3" });
        const curlew = new CurlewClient({ baseUrl: "https://a.example", apiKey: "k", fetch });
        return [verified.id, (await curlew.server()).version];
      })();`,
    );
    await shop.run([BUNDLER, "build", "--outDir", "out", "--logLevel", "error"]);
    const page = readFileSync(join(shop.folder, "out/index.html"), "utf8");
    const [, script = ""] = /src="\/(assets\/[^"]+)"/.exec(page) ?? [];
    const source = readFileSync(join(shop.folder, "out", script), "utf8");
    expect(source.length).toBeLessThan(MOST_BYTES);
    const context = createContext({
      ...{ AbortController, AbortSignal, atob, btoa, crypto, Headers, Response, URLSearchParams },
      ...{ TextDecoder, TextEncoder, Uint8Array, Uint32Array, setTimeout, clearTimeout },
      document: { createElement: () => ({ relList: { supports: () => true } }) },
    });
    runInContext(source, context);
    expect(await context["done"]).toEqual(["evt_1", "1.2.3"]);
  },
  LIMIT_MS,
);
