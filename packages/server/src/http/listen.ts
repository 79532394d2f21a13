import { serve } from "@hono/node-server";

export interface Listening {
  url: string;
  /** Takes no more requests and resolves when those under way are answered. */
  close(): Promise<void>;
}

/** Serves on a port; rejects with Node's own error when it cannot listen there. */
export async function listen(
  fetch: (request: Request) => Response | Promise<Response>,
  { host, port }: { host: string; port: number },
): Promise<Listening> {
  const server = serve({ fetch, hostname: host, port });
  await new Promise<void>((listens, fails) => {
    server.once("listening", listens);
    server.once("error", fails);
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("listening on no port");
  const name = host.includes(":") ? `[${host}]` : host;
  return {
    url: `http://${name}:${address.port}`,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        // Whoever keeps a connection open without asking anything is not waited for.
        if ("closeIdleConnections" in server) server.closeIdleConnections();
      }),
  };
}
