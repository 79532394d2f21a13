import { connect as connectTcp, isIP, type LookupFunction, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import type { buildConnector } from "undici";
import type { Clock } from "../../core/outside/clock.ts";
import type { TimerWheel } from "../timer-wheel.ts";
import { ConnectError, connectFailure } from "./failures.ts";

const TCP_KEEP_ALIVE_MS = 60_000;

/** How long the parts of making a connection took, in ms; null for what was not done. */
export interface ConnectTimes {
  dnsMs: number | null;
  connectMs: number | null;
  tlsMs: number | null;
}

export interface ConnectorOptions {
  clock: Pick<Clock, "monotonic">;
  wheel: TimerWheel;
  /** For name, connection and TLS handshake together. */
  timeoutMs: number;
  lookup: LookupFunction;
  /** Told of each connection, made or not, before whoever waits for it is; of null afterwards. */
  onConnected?(times: ConnectTimes | null): void;
  /** Certificate authorities in PEM, instead of those that Node trusts. */
  ca?: string | undefined;
  /** What we show to a receiver that asks who we are, in PEM. */
  clientCertificate?: { cert: string; key: string } | undefined;
}

/**
 * Makes the connections of one undici pool. Unlike undici's own it keeps its time by the wheel,
 * knows how far it came when it fails, and verifies certificates whatever the environment says.
 */
export function createConnector(options: ConnectorOptions): buildConnector.connector {
  const { clock, wheel, timeoutMs, ca, onConnected, clientCertificate } = options;
  const sessions = new Map<string, Buffer>();

  return (target, callback) => {
    const { hostname, port } = target;
    const secure = target.protocol === "https:";
    let phase: "dns" | "connect" | "tls" = isIP(hostname) === 0 ? "dns" : "connect";
    let done = false;
    const times: ConnectTimes = { dnsMs: null, connectMs: null, tlsMs: null };
    let since = clock.monotonic();
    const lap = (): number => {
      const now = clock.monotonic();
      const ms = now - since;
      since = now;
      return ms;
    };

    const lookup: LookupFunction = (host, lookupOptions, answer) =>
      options.lookup(host, lookupOptions, (error, ...found) => {
        times.dnsMs = lap();
        if (!error) phase = "connect";
        answer(error, ...found);
      });
    const common = { host: hostname, lookup, localAddress: target.localAddress ?? undefined };
    const socket: Socket = secure ? openTls() : openTcp();

    function openTcp(): Socket {
      return connectTcp({ ...common, port: Number(port || 80) });
    }

    function openTls(): Socket {
      const name = target.servername || (isIP(hostname) === 0 ? hostname.replace(/\.$/, "") : "");
      const session = sessions.get(name);
      return connectTls({
        ...common,
        port: Number(port || 443),
        servername: name,
        ALPNProtocols: ["http/1.1"],
        rejectUnauthorized: true,
        ...(session && { session }),
        ...(ca !== undefined && { ca }),
        ...clientCertificate,
      })
        .once("connect", () => {
          times.connectMs = lap();
          phase = "tls";
        })
        .on("session", (latest) => sessions.set(name, latest));
    }

    const timer = wheel.add(clock.monotonic() + timeoutMs, () => {
      socket.destroy(new ConnectError(phase, `${WAITED_FOR[phase]} took over ${timeoutMs} ms`));
    });

    socket
      .setNoDelay(true)
      .setKeepAlive(true, TCP_KEEP_ALIVE_MS)
      .once(secure ? "secureConnect" : "connect", () => {
        if (done) return;
        done = true;
        timer.cancel();
        if (secure) times.tlsMs = lap();
        else times.connectMs = lap();
        onConnected?.(times);
        callback(null, socket);
        onConnected?.(null);
      })
      // Stays for good: a socket without a listener would bring the process down.
      .on("error", (error) => {
        if (done) return;
        done = true;
        timer.cancel();
        onConnected?.(times);
        callback(connectFailure(phase, error), null);
        onConnected?.(null);
      });
  };
}

const WAITED_FOR = {
  dns: "resolving the host name",
  connect: "making the connection",
  tls: "the TLS handshake",
} as const;
