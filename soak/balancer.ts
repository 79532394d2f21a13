import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

export interface Balancer {
  url: string;
  close(): Promise<void>;
}

/** What stands in front of several servers: a new connection goes to the next that takes it. */
export async function startBalancer(ports: readonly number[]): Promise<Balancer> {
  const open = new Set<Socket>();
  let turn = 0;
  const server = createServer({ noDelay: true }, (caller) => {
    open.add(caller);
    caller.on("close", () => open.delete(caller));
    caller.on("error", () => caller.destroy());
    turn++;
    join(caller, [...ports.slice(turn % ports.length), ...ports.slice(0, turn % ports.length)]);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port was given");
  return {
    url: `http://127.0.0.1:${address.port}`,
    async close() {
      for (const each of open) each.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function join(caller: Socket, [port, ...others]: readonly number[]): void {
  if (port === undefined) {
    caller.destroy();
    return;
  }
  const server = connect({ host: "127.0.0.1", port, noDelay: true });
  let isConnected = false;
  server.once("connect", () => {
    isConnected = true;
    caller.pipe(server);
    server.pipe(caller);
  });
  server.on("error", () => {
    if (isConnected || caller.destroyed) caller.destroy();
    else join(caller, others);
  });
  caller.on("close", () => server.destroy());
}
