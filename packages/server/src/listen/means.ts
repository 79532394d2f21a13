import { systemClock } from "../runtime/clock.ts";
import { openStream } from "../runtime/network/open-stream.ts";
import { createProviderClient } from "../runtime/network/provider-client.ts";
import { createTimerWheel } from "../runtime/timer-wheel.ts";
import { type ListenDeps, type ListenWish, listen } from "./listen.ts";

/** Listens with this process's own clock and connections. */
export async function listenOnce(
  wish: ListenWish,
  o: Pick<ListenDeps, "print" | "complain" | "signal">,
): Promise<number> {
  const clock = systemClock();
  const wheel = createTimerWheel({ clock });
  wheel.start();
  const client = createProviderClient({ clock, wheel });
  try {
    return await listen(wish, {
      ...{ clock, ...o },
      open: openStream,
      post: (request) => client.request(request),
    });
  } finally {
    await client.close();
    wheel.stop();
  }
}
