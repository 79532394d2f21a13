import type { Pool, PoolClient } from "pg";
import { nativeBody } from "../../../src/core/events/native-body.ts";
import type {
  Acceptor,
  AcceptorSpec,
  EventDraft,
  InboundNote,
  Queryable,
  Recorded,
  Recording,
} from "../../../src/core/events/recording.ts";
import type { Connections } from "../../../src/storage/connections/connections.ts";
import { noteInbound } from "../../../src/storage/conversations/conversations.ts";

export interface RecordingDeps {
  connections: Connections;
  clock: { now(): number };
  ids: { next(): string };
}

/** A transaction that the test begins and ends itself. */
export interface OpenRecording extends Recording {
  /** Every statement that was sent, in order: names of prepared ones, else texts. */
  readonly statements: string[];
  readonly pid: number;
  commit(): Promise<void>;
  rollback(): Promise<void>;
}

const lanes = new WeakMap<Connections, Pool>();

/** Pipelined as the engine's own: who records sends statements before others have been answered. */
function laneOf(connections: Connections): Pool {
  const lane = lanes.get(connections) ?? connections.lane("recording", 6, { pipeline: true });
  lanes.set(connections, lane);
  return lane;
}

/** The engine's promise to whoever records, without an engine: events reach nobody. */
export async function openRecording({
  connections,
  clock,
  ids,
}: RecordingDeps): Promise<OpenRecording> {
  const client = await laneOf(connections).connect();
  const { rows } = await client.query<{ pid: number }>("select pg_backend_pid() as pid");
  await client.query("begin");
  const statements: string[] = [];
  const tx: Queryable = {
    query(config, values) {
      statements.push(typeof config === "string" ? config : (config.name ?? config.text));
      // `pg` overloads by the shape of its arguments; the port is one of those shapes.
      return (client as Queryable).query(config, values);
    },
  };
  const end = (how: "commit" | "rollback") => async () => {
    try {
      await client.query(how);
    } finally {
      client.release();
    }
  };
  return {
    tx,
    opening: tx,
    now: clock.now(),
    statements,
    pid: rows[0]?.pid ?? 0,
    newId: () => ids.next(),
    hasLocked() {},
    append: async (drafts, notes = []) => {
      const recorded = await append(client, ids, drafts);
      await noteAll(client, notes);
      return recorded;
    },
    commit: end("commit"),
    rollback: end("rollback"),
  };
}

/** Each call of `accept` is a transaction of its own. */
export function acceptorOf<Unit, Answer>(
  deps: RecordingDeps,
  spec: AcceptorSpec<Unit, Answer>,
): Acceptor<Unit, Answer> & { acceptAll(units: readonly Unit[]): Promise<Answer[]> } {
  const acceptAll = async (units: readonly Unit[]) => {
    const recording = await openRecording(deps);
    try {
      const answers = await spec.run(recording, units);
      await recording.commit();
      return answers;
    } catch (error) {
      await recording.rollback();
      throw error;
    }
  };
  return {
    acceptAll,
    async accept(unit) {
      const [answer] = await acceptAll([unit]);
      if (answer === undefined) throw new Error("a unit was not answered");
      return answer;
    },
  };
}

async function noteAll(client: PoolClient, notes: readonly InboundNote[]): Promise<void> {
  const { rows } = await client.query<{ id: string; seq: number; lastEventId: string }>(
    `select id, seq, last_event_id as "lastEventId" from conversation where id = any($1)`,
    [notes.map(({ id }) => id)],
  );
  const numbers = new Map(rows.map((row) => [row.id, row]));
  await noteInbound(
    client,
    notes.flatMap((note) => {
      const number = numbers.get(note.id);
      return number === undefined ? [] : [{ ...note, ...number }];
    }),
  );
}

async function append(
  client: PoolClient,
  ids: { next(): string },
  drafts: readonly EventDraft[],
): Promise<Recorded[]> {
  const recorded: Recorded[] = [];
  for (const draft of drafts) {
    const id = ids.next();
    const { rows } = await client.query<{ seq: number }>(
      "update conversation set seq = seq + 1, last_event_id = $2 where id = $1 returning seq",
      [draft.conversationId, id],
    );
    const seq = rows[0]?.seq ?? null;
    await client.query(
      `insert into event (id, workspace_id, type, account_id, channel_id, conversation_id, campaign_id, seq,
         occurred_at, payload, targets, config_version, owner)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, '{}', 0, 0)`,
      [
        id,
        draft.workspaceId,
        draft.type,
        draft.accountId,
        draft.channelId,
        draft.conversationId,
        draft.campaignId,
        seq,
        new Date(draft.occurredAt),
        JSON.stringify(nativeBody(draft, id, seq)),
      ],
    );
    recorded.push({ id, seq });
  }
  return recorded;
}
