import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { wait } from "../clock.ts";
import { mustEnd } from "../ending.ts";

const END_MS = 3_000;

/** Functions whose arguments and answers can be sent from process to process. */
type Callable<Api> = { [Name in keyof Api]: (...given: never[]) => unknown };

/** The functions of another process. */
export type Remote<Api extends Callable<Api>> = {
  [Name in keyof Api]: (...given: Parameters<Api[Name]>) => Promise<Awaited<ReturnType<Api[Name]>>>;
};

export interface Child<Api extends Callable<Api>> {
  pid: number;
  ask: Remote<Api>;
  /** Ends it, the hard way if it must. */
  end(): Promise<void>;
}

interface Question {
  number: number;
  name: string;
  given: never[];
}

type Reply = { number: number } & ({ answer: unknown } | { error: string });

/**
 * Starts a file of this folder as a process of its own, which ends when this one does. One that is
 * `detached` is not reached by what ends all processes of a terminal.
 */
export function startChild<Api extends Callable<Api>>(
  file: string,
  { detached = false } = {},
): Child<Api> {
  const path = fileURLToPath(new URL(file, import.meta.url));
  const child = fork(path, [], {
    detached,
    stdio: ["ignore", "inherit", "inherit", "ipc"],
    serialization: "advanced",
  });
  const pending = new Map<number, (reply: Reply) => void>();
  const exited = once(child, "exit").then(() => {
    for (const [number, settle] of pending) settle({ number, error: `${file} has ended` });
  });
  child.on("message", (reply: Reply) => pending.get(reply.number)?.(reply));
  let last = 0;

  function ask(name: string, given: never[]): Promise<unknown> {
    const number = ++last;
    return new Promise((resolve, reject) => {
      pending.set(number, (reply) => {
        pending.delete(number);
        if ("error" in reply) reject(new Error(reply.error));
        else resolve(reply.answer);
      });
      if (child.connected) child.send({ number, name, given } satisfies Question);
      else pending.get(number)?.({ number, error: `${file} has ended` });
    });
  }

  return {
    pid: child.pid ?? 0,
    // Every name is taken for one of the other side's functions: what there is, the type says.
    ask: new Proxy({} as Remote<Api>, {
      get:
        (_, name) =>
        (...given: never[]) =>
          ask(String(name), given),
    }),
    end: mustEnd(async () => {
      if (child.connected) child.disconnect();
      await wait(exited, END_MS);
      if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
      await exited;
    }),
  };
}

/** Lets the process that started this one call these functions. `onGone` is done when that one is gone. */
export function answerParent<Api extends Callable<Api>>(
  api: Api,
  onGone: () => Promise<void> = async () => {},
): void {
  process.on("message", (question: Question) => {
    void reply(question).then((text) => process.send?.(text));
  });
  process.on("disconnect", () => void onGone().finally(() => process.exit(0)));
  // Ctrl-C reaches everybody; the process that started this one ends it in its turn.
  process.on("SIGINT", () => {});

  async function reply({ number, name, given }: Question): Promise<Reply> {
    try {
      // The other side's type comes from the same place as this one's.
      return { number, answer: await api[name as keyof Api](...given) };
    } catch (error) {
      return { number, error: error instanceof Error ? (error.stack ?? "") : String(error) };
    }
  }
}
