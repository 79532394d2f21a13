import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import { answerParent } from "./remote.ts";

/** A stand-in for Meta's Graph API that takes every message, or takes requests and says nothing. */
export type ProviderApi = typeof api;

let isHanging = false;
let taken = 0;
const waiting = new Set<ServerResponse>();

const server = createServer((request, response) => {
  request.resume();
  request.once("end", () => {
    taken++;
    if (isHanging) {
      waiting.add(response);
      response.once("close", () => waiting.delete(response));
      return;
    }
    const answer = {
      messaging_product: "whatsapp",
      contacts: [],
      messages: [{ id: `wamid.bench${taken}` }],
    };
    response.setHeader("content-type", "application/json").end(JSON.stringify(answer));
  });
});

const api = {
  /** Listens on this machine's loopback address, and says where. */
  async listen(): Promise<string> {
    await once(server.listen(0, "127.0.0.1"), "listening");
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("no port was given");
    return `http://127.0.0.1:${address.port}`;
  },
  hang(): void {
    isHanging = true;
  },
  /** Answers again; what has waited for an answer is closed. */
  recover(): void {
    isHanging = false;
    for (const response of waiting) response.destroy();
  },
  count: () => taken,
};

answerParent(api);
