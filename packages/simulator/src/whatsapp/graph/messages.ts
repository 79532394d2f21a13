import { isObject, type JsonObject } from "../../json.ts";
import { GraphError, missing } from "../../meta/graph-error.ts";
import { type Answer, jsonBody, ok } from "../../meta/graph-request.ts";
import { unknownObject } from "../../meta/media.ts";
import type { BusinessNumber } from "../numbers.ts";
import { checkProduct } from "../rules/message.ts";
import type { GraphDeps, GraphRoutes } from "./routes.ts";

/** Sending, and marking as read with or without the typing indicator. */
export function messageRoutes({ world, sends, clock, playStatuses }: GraphDeps): GraphRoutes {
  async function send(number: BusinessNumber, body: JsonObject): Promise<Answer> {
    const accepted = sends.accept(number, body);
    if (!world.settings.statuses.before_answer) {
      return { ...ok(accepted.answer), after: () => playStatuses(accepted) };
    }
    await playStatuses(accepted);
    return ok(accepted.answer);
  }

  function markRead(body: JsonObject): Answer {
    checkProduct(body);
    if (body["status"] !== "read") {
      throw new GraphError(100, { message: "(#100) Param status must be one of {READ}." });
    }
    const id = body["message_id"];
    if (typeof id !== "string" || id === "") throw missing("message_id");
    const typing = body["typing_indicator"];
    if (typing !== undefined && !(isObject(typing) && typing["type"] === "text")) {
      throw new GraphError(131009, { details: "typing_indicator.type must be text" });
    }
    world.checkMessageId(id, clock.now(), "inbound");
    return ok({ success: true });
  }

  return {
    "POST {id}/messages": (request) => {
      const [id = ""] = request.segments;
      const number = world.numbers.find(id);
      if (!number) throw unknownObject(id, "post");
      const body = jsonBody(request);
      return "status" in body ? markRead(body) : send(number, body);
    },
  };
}
