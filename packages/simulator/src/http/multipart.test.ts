import { describe, expect, test } from "vitest";
import { parseMultipart } from "./multipart.ts";

async function encoded(form: FormData): Promise<{ type: string; body: Buffer }> {
  const response = new Response(form);
  const body = Buffer.from(await response.arrayBuffer());
  return { type: response.headers.get("content-type") ?? "", body };
}

describe("a multipart body", () => {
  test("falls into its parts, byte for byte, whatever they hold", async () => {
    const bytes = Uint8Array.from({ length: 512 }, (_, index) => index % 256);
    const form = new FormData();
    form.set("messaging_product", "whatsapp");
    form.set("file", new Blob([bytes, "\r\n--x\r\n\r\n"], { type: "image/png" }), "a b.png");
    const { type, body } = await encoded(form);
    expect(parseMultipart(type, body)).toEqual([
      {
        name: "messaging_product",
        filename: null,
        contentType: null,
        bytes: Buffer.from("whatsapp"),
      },
      {
        name: "file",
        filename: "a b.png",
        contentType: "image/png",
        bytes: Buffer.concat([bytes, Buffer.from("\r\n--x\r\n\r\n")]),
      },
    ]);
  });

  test.each([undefined, "application/json", "multipart/form-data"])(
    "is not seen in a body of type %s",
    (type) => {
      expect(parseMultipart(type, Buffer.from("--x\r\n"))).toBeNull();
    },
  );
});
