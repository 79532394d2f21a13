import type { AcceptorSpec } from "../../core/events/recording.ts";
import { deliveryId, publicId } from "../../core/ids.ts";
import type { Settlement } from "../../storage/deliveries/deliveries.ts";
import { type OverdueReceipt, payReceipts } from "../../storage/retention/purge-receipts.ts";
import type { Appended } from "../accept/append.ts";
import { draftAbout, messageOf } from "../accept/purged-message.ts";
import type { Work } from "../work.ts";

const MOST_A_TRANSACTION = 200;
/** How many deliveries a receipt names; it counts all. */
const MOST_NAMED = 200;
/** Where a body would stand that is kept, and does not. */
const STORES = ["message", "event", "delivery", "attempt", "queue", "media"] as const;

/** `sealed`: it is kept for an endpoint that has given a key, and nobody else can read it. */
type Outcome = "delivered" | "lost" | "sealed";

/** What came of one message's body. */
export interface Receipt {
  readonly workspaceId: string;
  /** The events that told of it. */
  readonly events: string[];
  /** What remains of the event that told of it. */
  readonly kept: string;
  /** Attempts that have not ended. */
  open: number;
  readonly deliveries: { eventId: string; type: string; endpoint: number; outcome: Outcome }[];
}

/** Says of each purged message, once nothing of its body is left in memory, that it is gone. */
export class Receipts {
  readonly #open = new Map<string, Receipt>();
  readonly #tell: (receipt: Receipt) => Promise<void>;
  readonly #onTold: () => void;
  #telling = 0;

  constructor(tell: (receipt: Receipt) => Promise<void>, onTold: () => void) {
    this.#tell = tell;
    this.#onTold = onTold;
  }

  /** Whether everything that is gone was told of. */
  get isDone(): boolean {
    return this.#telling === 0;
  }

  /** Events of one transaction, before anything of them is sent. */
  took(appended: readonly Appended[]): void {
    const ofMessages = new Map<string, Receipt>();
    for (const { event, clear, sealed, carried } of appended) {
      if (clear === null) continue;
      const { id: eventId, type, workspaceId, payload: kept } = event;
      const name = messageOf(kept).message_id;
      // Reactions and consent are no messages; what was lost of them is told all the same.
      if (name === null) continue;
      const known = ofMessages.get(name);
      const receipt: Receipt = known ?? { workspaceId, kept, events: [], open: 0, deliveries: [] };
      receipt.events.push(eventId);
      ofMessages.set(name, receipt);
      this.#open.set(eventId, receipt);
      receipt.open += carried.filter((endpoint) => !sealed?.has(endpoint)).length;
      for (const endpoint of sealed?.keys() ?? []) {
        receipt.deliveries.push({ eventId, type, endpoint, outcome: "sealed" });
      }
      if (receipt.open === 0) this.#open.delete(eventId);
    }
    for (const receipt of ofMessages.values()) if (receipt.open === 0) this.#done(receipt);
  }

  /** The one attempt at a body has ended, or will never be made. */
  ended({ eventId, type, endpoint }: Work, { state }: Settlement): void {
    const receipt = this.#open.get(eventId);
    if (receipt === undefined) return;
    const outcome = state === "delivered" ? "delivered" : "lost";
    receipt.deliveries.push({ eventId, type, endpoint, outcome });
    receipt.open--;
    if (receipt.open > 0) return;
    for (const each of receipt.deliveries) this.#open.delete(each.eventId);
    this.#done(receipt);
  }

  /** Others take over what is open: they tell what was lost. */
  drop(): void {
    this.#open.clear();
  }

  #done(receipt: Receipt): void {
    this.#telling++;
    void this.#tell(receipt).finally(() => {
      this.#telling--;
      this.#onTold();
    });
  }
}

/** An endpoint's id by its workspace and serial; null when it is gone. */
export type FindEndpointId = (workspaceId: string, serial: number) => string | null;

/** What is told where a process has ended between the last attempt and the receipt: what the tables say. */
export function receiptsOf(overdue: readonly OverdueReceipt[]): Receipt[] {
  const receipts = new Map<string, Receipt>();
  for (const each of overdue) {
    const { eventId, type, messageId, process, workspaceId, kept } = each;
    const key = `${messageId} ${process}`;
    const known = receipts.get(key);
    const receipt: Receipt = known ?? { workspaceId, kept, events: [], open: 0, deliveries: [] };
    receipts.set(key, receipt);
    receipt.events.push(eventId);
    const sealed = JSON.parse(each.held) as Record<string, string>; // a column of ours
    for (const endpoint of each.targets) {
      const isDelivered = each.delivered.includes(endpoint);
      const outcome = endpoint in sealed ? "sealed" : isDelivered ? "delivered" : "lost";
      receipt.deliveries.push({ eventId, type, endpoint, outcome });
    }
  }
  return [...receipts.values()];
}

/** Writes receipts as events, which are signed on their way like any other. */
export function receiptSpec(findEndpointId: FindEndpointId): AcceptorSpec<Receipt, void> {
  return {
    name: "receipts",
    maxUnits: MOST_A_TRANSACTION,
    async run(recording, receipts) {
      const { now } = recording;
      const owed = await payReceipts(
        recording.tx,
        receipts.flatMap(({ events }) => events),
      );
      // Of what nobody owes any more another process has told.
      const due = receipts.filter(({ events }) => events.some((id) => owed.has(id)));
      const drafts = due.map(({ workspaceId, kept, deliveries }) => {
        const count = (wanted: Outcome) =>
          deliveries.filter(({ outcome }) => outcome === wanted).length;
        const data = {
          receipt_id: publicId("rcp", recording.newId()),
          purged_at: new Date(now).toISOString(),
          stores: STORES,
          delivered: count("delivered"),
          lost: count("lost"),
          sealed: count("sealed"),
          deliveries: deliveries.slice(0, MOST_NAMED).map((each) => ({
            id: deliveryId(each.eventId, each.endpoint),
            event_type: each.type,
            endpoint_id: shown(findEndpointId(workspaceId, each.endpoint)),
            outcome: each.outcome,
          })),
        };
        return draftAbout(kept, { workspaceId, now, type: "message.purged", data });
      });
      await recording.append(drafts);
      return receipts.map(() => undefined);
    },
  };
}

function shown(endpointId: string | null): string | null {
  return endpointId === null ? null : publicId("ep", endpointId);
}
