import { systemClock } from "../runtime/clock.ts";
import { openStream } from "../runtime/network/open-stream.ts";
import { createProviderClient } from "../runtime/network/provider-client.ts";
import { createTimerWheel } from "../runtime/timer-wheel.ts";
import type { ListenDeps } from "./listen/listen.ts";
import { type Ask, createAsk, Refused, type ServerWish } from "./server.ts";

/** What is told, and what ends it. */
export type Terminal = Pick<ListenDeps, "print" | "complain" | "signal">;

type Means = Terminal & Pick<ListenDeps, "clock" | "open" | "post"> & { ask: Ask };

/**
 * Does one thing at a server, with this process's own clock and connections. Gives the exit code: 1, and
 * the words, when the server refuses.
 */
export async function atServer(
  wish: ServerWish,
  terminal: Terminal,
  act: (means: Means) => Promise<number>,
): Promise<number> {
  const clock = systemClock();
  const wheel = createTimerWheel({ clock });
  wheel.start();
  const client = createProviderClient({ clock, wheel });
  const { signal } = terminal;
  try {
    return await act({
      ...{ ...terminal, clock, open: openStream },
      post: (request) => client.request(request),
      ask: createAsk(wish, { request: (request) => client.request(request), signal }),
    });
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    terminal.complain(error.message);
    return 1;
  } finally {
    await client.close();
    wheel.stop();
  }
}
