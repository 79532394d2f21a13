import { expect, test } from "vitest";
import { isSignedByMeta } from "../../packages/server/src/channels/meta/verify.ts";
import { parseMeta } from "../../packages/server/src/channels/parse-meta.ts";
import { Secret } from "../../packages/server/src/core/secret.ts";
import { inbound } from "./requests.ts";

function take(requests: ReturnType<typeof inbound>) {
  const text = requests.next()?.bytes.toString("utf8") ?? "";
  const [head = "", body = ""] = text.split("\r\n\r\n");
  return { head, body, signature: /^x-hub-signature-256: (.*)$/m.exec(head)?.[1]?.trim() };
}

const made = { url: "http://127.0.0.1:8400", appSecret: "s", phoneNumberId: "1099", customers: 3 };

test("a provider's request is signed, as long as asked for, and holds one message of its own", () => {
  const requests = inbound({ ...made, bytes: 600 });
  const [first, second] = [take(requests), take(requests)];
  for (const { head, body, signature } of [first, second]) {
    const raw = Buffer.from(body);
    expect(isSignedByMeta(raw, signature, [new Secret("s")])).toBe(true);
    expect(head).toContain(`content-length: ${raw.length}`);
    expect(body).toHaveLength(600);
    expect(parseMeta(raw)).toMatchObject([{ kind: "message" }]);
  }
  const idOf = (body: string) => /"id":"(wamid[^"]+)"/.exec(body)?.[1];
  expect(idOf(first.body)).not.toBe(idOf(second.body));
});
