import type { Emitter } from "./emitter.ts";
import type { MadeItem } from "./items.ts";
import { statusContacts } from "./items.ts";
import type { Send } from "./sends.ts";
import { type Settings, type StatusStep, statusSteps } from "./settings.ts";
import { statusItem } from "./status-item.ts";

/** The statuses that follow this send: what must go wrong with it, else the script of the settings. */
function stepsFor({ message }: Send, { statuses }: Settings): StatusStep[] {
  if (!message.reaches_somebody) return [];
  if (message.fails_with !== null) return [{ status: "failed", code: message.fails_with }];
  const steps = statusSteps(statuses);
  // A reaction is sent and never reported as delivered or read.
  return message.type === "reaction" ? steps.filter(({ status }) => status === "sent") : steps;
}

/** Sends the statuses one after the other. Without a receiver nothing happens. */
export async function playStatuses(
  send: Send,
  given: { settings: Settings; emitter: Emitter; now: () => number },
): Promise<void> {
  for (const { status, code } of stepsFor(send, given.settings)) {
    const made: MadeItem = {
      id: send.message.id,
      item: {
        wabaId: send.number.waba_id,
        number: send.number,
        field: "messages",
        list: "statuses",
        content: statusItem(send, {
          status,
          at: given.now(),
          conversationObjects: given.settings.conversation_objects,
          ...(code === undefined ? {} : { code }),
        }),
        contacts: statusContacts(send.user),
      },
    };
    if (!given.emitter.hasReceiver(made.item)) return;
    send.message.statuses.push(status);
    await given.emitter.emit([made]);
  }
}
