import type { DemoRequest } from "./curl.ts";
import type { Scene } from "./scene.ts";
import type { Plot } from "./story.ts";

/** Says what can be tried while everything goes on running. */
export function invite({ stage, screen, get, post, control }: Scene, plot: Plot): void {
  const { curlew, receiver, adminKey } = stage;
  const message = (text: string, more = {}) =>
    control("messages", { from: "+491701234567", text, ...more });
  const suggestions: readonly (readonly [words: string, request: DemoRequest])[] = [
    ["The customer writes again:", message("Thank you!")],
    [
      "Somebody writes who does not know the app secret. Curlew answers Meta 401, and keeps nothing:",
      message("Give me a refund!", { signature: "wrong" }),
    ],
    ["Your reply once more. The answer is the same, and nothing is sent again:", plot.reply],
    ["What was said:", get(`/conversations/${plot.conversationId}/messages`)],
    [
      "The delivery once more, under the same webhook-id:",
      post(`/deliveries/${plot.deliveryId}/replay`),
    ],
    ["The next webhook is refused:", { method: "POST", url: receiver.refuseUrl }],
  ];
  screen.step("Now you", "Everything goes on running. Try, in a second terminal:");
  for (const [words, request] of suggestions) screen.suggestion(words, request);
  screen.facts([
    ["API", `${curlew.url}/docs`, "in a browser, with this key:"],
    ["Key", adminKey],
    ["Dashboard", `${curlew.url}/`, "make an account: it goes when the demo does"],
  ]);
  screen.text("Ctrl-C ends everything and removes its data. Webhooks that arrive:", "");
}
