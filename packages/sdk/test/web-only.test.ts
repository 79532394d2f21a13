import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { createContext, runInContext } from "node:vm";
import ts from "typescript";
import { expect, test } from "vitest";

const SOURCES = join(import.meta.dirname, "../src");
const WEB = {
  ...{ AbortController, AbortSignal, atob, btoa, crypto, fetch, Headers, Response },
  ...{ TextDecoder, TextEncoder, URL, URLSearchParams, Uint8Array, setTimeout, clearTimeout },
};

/** The SDK, loaded where only what browsers and workers have is there. */
function loadWithoutNode(): Record<string, unknown> {
  const context = createContext({ ...WEB });
  const loaded = new Map<string, { exports: Record<string, unknown> }>();
  const load = (file: string): Record<string, unknown> => {
    const known = loaded.get(file);
    if (known) return known.exports;
    const module = { exports: {} };
    loaded.set(file, module);
    const { outputText } = ts.transpileModule(readFileSync(file, "utf8"), {
      compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 },
    });
    const run: unknown = runInContext(
      `(function (module, exports, require) {${outputText}\n})`,
      context,
    );
    if (typeof run !== "function") throw new Error("no module");
    run(module, module.exports, (path: string) => {
      if (!path.startsWith(".")) throw new Error(`${file} imports ${path}`);
      return load(join(dirname(file), path));
    });
    return module.exports;
  };
  return load(join(SOURCES, "index.ts"));
}

test("the SDK needs nothing but what browsers and workers have", async () => {
  const sdk = loadWithoutNode();
  const { verifyWebhook, signWebhook, CurlewClient } = sdk;
  if (typeof verifyWebhook !== "function" || typeof signWebhook !== "function") throw new Error();
  if (typeof CurlewClient !== "function") throw new Error();
  const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
  const payload = '{"id":"evt_1"}';
  const headers = await signWebhook({ id: "evt_1", timestamp: new Date(), payload, secret });
  expect(await verifyWebhook({ payload, headers, secret })).toMatchObject({
    payload: { id: "evt_1" },
  });
  const client = Reflect.construct(CurlewClient, [
    { baseUrl: "https://x.example", apiKey: "k", fetch: async () => Response.json({ id: "ep_1" }) },
  ]);
  expect(await client.endpoints.get("ep_1")).toEqual({ id: "ep_1" });
});
