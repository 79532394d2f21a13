import { number } from "../../words/format.ts";
import { firstRunWords, partWords } from "../../words/index.ts";
import type { Progress } from "./progress.ts";

export type StepName = keyof typeof firstRunWords.steps;

export interface Step {
  name: StepName;
  title: string;
  /** What was done, or what is to be. */
  note: string;
  isDone: boolean;
  /** When it was done, where the server says. */
  at: string | null;
}

const words = firstRunWords.steps;

/** The steps in their order; the first that is not done comes next. */
export function stepsOf(progress: Progress, owner: string | null): Step[] {
  const { simulator } = progress;
  return [
    {
      ...{ name: "owner", title: words.owner.title, isDone: true, at: null },
      note: owner ?? words.owner.todo,
    },
    endpointStep(progress),
    ...(simulator.available
      ? [channelStep(progress), writeStep(progress)]
      : [publishStep(progress)]),
    caughtStep(progress),
    ...(simulator.available ? [answerStep(progress)] : []),
  ];
}

function endpointStep({ endpoint }: Progress): Step {
  const { title, todo, made, stands } = words.endpoint;
  const base = { name: "endpoint", title } as const;
  if (endpoint === null) return { ...base, isDone: false, note: todo, at: null };
  const isDone = endpoint.state === "enabled";
  const note = isDone ? made(endpoint.dialect) : stands;
  return { ...base, isDone, note, at: endpoint.created_at };
}

function channelStep({ channel, conversation }: Progress): Step {
  const { title, todo, made } = words.channel;
  const found = channel ?? conversation?.channel;
  const note = found ? made(found.name, found.external_id) : todo;
  return { name: "channel", title, isDone: found !== undefined, note, at: null };
}

function writeStep({ conversation }: Progress): Step {
  const { title, todo, made } = words.write;
  const base = { name: "write", title } as const;
  if (conversation === null) return { ...base, isDone: false, note: todo, at: null };
  const { contact, channel, created_at: at } = conversation;
  const who = contact.name ?? contact.identities[0]?.id ?? partWords.none;
  return { ...base, isDone: true, note: made(who, partWords.channels[channel.kind]), at };
}

function publishStep({ caught }: Progress): Step {
  const { title, todo, made } = words.publish;
  const first = caught.at(-1);
  const isDone = first !== undefined;
  return {
    ...{ name: "publish", title, isDone },
    note: isDone ? made : todo,
    at: first?.received_at ?? null,
  };
}

function caughtStep({ caught }: Progress): Step {
  const { title, todo, made, partly, wrong } = words.caught;
  const right = caught.filter(({ signature }) => signature?.accepted);
  const all = number(caught.length);
  const note =
    caught.length === 0
      ? todo
      : right.length === 0
        ? wrong
        : right.length === caught.length
          ? made(all)
          : partly(number(right.length), all);
  const at = right.at(-1)?.received_at ?? null;
  return { name: "caught", title, isDone: right.length > 0, note, at };
}

function answerStep({ answer }: Progress): Step {
  const { title, todo, made } = words.answer;
  if (answer === null) return { name: "answer", title, isDone: false, note: todo, at: null };
  const { text } = answer.content;
  const note = made(typeof text === "string" ? text : answer.content.type);
  return { name: "answer", title, isDone: true, note, at: answer.sent_at ?? answer.created_at };
}
