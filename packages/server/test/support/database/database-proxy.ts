import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** A wire to a database that the test can hold still or cut. */
export interface DatabaseProxy {
  url: string;
  /** From now on nothing passes, and nobody is told: a cable that was pulled. New wires pass. */
  freeze(): void;
  /** Ends every wire at once. */
  cut(): void;
  close(): Promise<void>;
}

/** On a port of its own choice unless one is named. */
export async function startDatabaseProxy(databaseUrl: string, onPort = 0): Promise<DatabaseProxy> {
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connectTo(databaseUrl);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.on("error", () => {});
      from.on("close", () => {
        sockets.delete(from);
        if (sockets.has(to)) to.destroy();
      });
      from.pipe(to);
    }
  });
  await new Promise<void>((resolve) => server.listen(onPort, "127.0.0.1", resolve));
  // A server that listens on TCP has such an address.
  const { port } = server.address() as AddressInfo;
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: proxied(databaseUrl, port),
    freeze() {
      for (const socket of sockets) {
        socket.unpipe();
        socket.pause();
      }
    },
    cut,
    async close() {
      cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A wire to the server that a database's URL names, by socket or by TCP. */
export function connectTo(databaseUrl: string): Socket {
  const url = new URL(databaseUrl);
  const port = Number(url.port || 5432);
  const directory = url.searchParams.get("host");
  return directory?.startsWith("/")
    ? connect(`${directory}/.s.PGSQL.${port}`)
    : connect(port, url.hostname);
}

/** The same database by way of a local port. */
export function proxied(databaseUrl: string, port: number): string {
  const url = new URL(databaseUrl);
  url.searchParams.delete("host");
  url.host = `127.0.0.1:${port}`;
  return url.href;
}
