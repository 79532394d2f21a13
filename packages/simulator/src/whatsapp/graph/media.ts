import { parseMultipart } from "../../http/multipart.ts";
import { GraphError, missing } from "../../meta/graph-error.ts";
import { ok } from "../../meta/graph-request.ts";
import { unknownObject } from "../../meta/media.ts";
import type { GraphDeps, GraphRoutes } from "./routes.ts";

/** Uploading a medium and reading its bytes; its description is `GET {id}` of the account's routes. */
export function mediaRoutes({ world, clock }: GraphDeps): GraphRoutes {
  return {
    "POST {id}/media": (request) => {
      const [id = ""] = request.segments;
      if (!world.numbers.find(id)) throw unknownObject(id, "post");
      const parts = parseMultipart(request.headers["content-type"], request.body);
      if (!parts) {
        throw new GraphError(100, { message: "(#100) The body must be multipart/form-data." });
      }
      const field = (name: string) => parts.find((part) => part.name === name);
      if (field("messaging_product")?.bytes.toString("utf8") !== "whatsapp") {
        throw missing("messaging_product");
      }
      const file = field("file");
      if (!file) throw missing("file");
      const declared = field("type")?.bytes.toString("utf8") ?? file.contentType ?? "";
      const now = clock.now();
      return ok({
        id: world.media.upload({ mimeType: declared, bytes: file.bytes, phoneNumberId: id, now }),
      });
    },
    "GET whatsapp_business/attachments": ({ query }) => {
      const medium = world.media.open(query, clock.now());
      if (!medium) {
        return { status: 404, body: Buffer.from("Not Found"), contentType: "text/plain" };
      }
      return { status: 200, body: medium.bytes, contentType: medium.mimeType };
    },
    "DELETE {id}": ({ segments: [id = ""] }) => {
      world.media.delete(id);
      return ok({ success: true });
    },
  };
}
