import { type AddressInfo, createServer, type Socket } from "node:net";
import { connectTo, proxied } from "./database-proxy.ts";

const READY = 0x5a; // "Z"
const IDLE = 0x49; // "I"

/**
 * A pooler that lends a session of the server for the length of a transaction, as PgBouncer does
 * in its transaction mode. It knows simple queries only, and servers that ask for no password.
 */
export async function startTransactionPooler(
  databaseUrl: string,
): Promise<{ url: string; close(): Promise<void> }> {
  const free: Socket[] = [];
  const all = new Set<Socket>();
  const server = createServer((client) => {
    all.add(client);
    client.on("error", () => {});
    let lent: Socket | null = null;
    client.once("data", () => {
      client.write(greeting());
      client.on("data", (bytes) => {
        if (bytes[0] === 0x58) return; // "X": the client says goodbye, the session stays
        lent ??= lend();
        lent.write(bytes);
      });
    });

    function lend(): Socket {
      const session = free.pop() ?? openSession();
      session.removeAllListeners("data");
      session.on("data", (bytes) => {
        client.write(bytes);
        if (bytes.at(-6) !== READY || bytes.at(-1) !== IDLE) return;
        lent = null;
        free.push(session);
      });
      return session;
    }
  });

  /** What the server says at first is for the pooler: clients have had their greeting. */
  function openSession(): Socket {
    const wire = connectTo(databaseUrl);
    all.add(wire);
    wire.on("error", () => {});
    wire.write(startup(new URL(databaseUrl)));
    const write = wire.write.bind(wire);
    const early: Uint8Array[] = [];
    const emit = wire.emit.bind(wire);
    let isReady = false;
    wire.write = (bytes: Uint8Array | string) =>
      isReady ? write(bytes) : early.push(Buffer.from(bytes)) > 0;
    wire.emit = (event: string | symbol, ...values: unknown[]) => {
      const [bytes] = values;
      if (event !== "data" || isReady || !Buffer.isBuffer(bytes)) return emit(event, ...values);
      isReady = bytes.at(-6) === READY;
      if (isReady) for (const each of early) write(each);
      return true;
    };
    return wire;
  }

  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // A server that listens on TCP has such an address.
  const { port } = server.address() as AddressInfo;
  return {
    url: proxied(databaseUrl, port),
    async close() {
      for (const socket of all) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function greeting(): Buffer {
  return Buffer.concat([
    message("R", Buffer.alloc(4)),
    message("S", Buffer.from("client_encoding\0UTF8\0")),
    message("K", Buffer.alloc(8)),
    message("Z", Buffer.from("I")),
  ]);
}

function message(type: string, body: Buffer): Buffer {
  const head = Buffer.alloc(5, type);
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

function startup(url: URL): Buffer {
  const fields = ["user", url.username, "database", url.pathname.slice(1), ""];
  const body = Buffer.from(`${fields.join("\0")}\0`);
  const head = Buffer.alloc(8);
  head.writeInt32BE(body.length + 8, 0);
  head.writeInt32BE(196_608, 4);
  return Buffer.concat([head, body]);
}
