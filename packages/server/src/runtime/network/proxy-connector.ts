import { connect as connectTcp, isIP, isIPv6, type LookupFunction, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import type { buildConnector } from "undici";
import type { ConnectorOptions, ConnectTimes } from "./connector.ts";
import { ConnectError, connectFailure } from "./failures.ts";

const LONGEST_ANSWER = 16 * 1024;
const TCP_KEEP_ALIVE_MS = 60_000;

/** The way out of this network: every connection is a tunnel through it. */
export interface EgressProxy {
  hostname: string;
  port: number;
  /** Whether the proxy itself is spoken to over TLS. */
  secure: boolean;
  /** The value of `Proxy-Authorization`, or null. */
  authorization: string | null;
}

/** Reads `http://user:password@host:port`; the operator's own setting, which no guard judges. */
export function readProxy(text: string): EgressProxy {
  const url = new URL(text);
  const secure = url.protocol === "https:";
  const { username, password } = url;
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return {
    hostname: url.hostname.replace(/^\[|\]$/g, ""),
    port: Number(url.port || (secure ? 443 : 80)),
    secure,
    authorization: username === "" ? null : `Basic ${Buffer.from(credentials).toString("base64")}`,
  };
}

/**
 * Makes the connections of one undici pool through a proxy. The name is resolved and judged here, and
 * the proxy is told the address that was found good: it never sees a name that it could resolve anew.
 */
export function createProxyConnector(
  options: ConnectorOptions,
  proxy: EgressProxy,
): buildConnector.connector {
  const { clock, wheel, timeoutMs, onConnected } = options;

  return (target, callback) => {
    const { hostname } = target;
    const secure = target.protocol === "https:";
    const port = Number(target.port || (secure ? 443 : 80));
    const times: ConnectTimes = { dnsMs: null, connectMs: null, tlsMs: null };
    let phase: "dns" | "connect" | "tls" = "connect";
    let done = false;
    let open: Socket | null = null;
    let since = clock.monotonic();
    const lap = (): number => {
      const now = clock.monotonic();
      const ms = now - since;
      since = now;
      return ms;
    };

    const timer = wheel.add(clock.monotonic() + timeoutMs, () => {
      fail(new ConnectError(phase, `${phase} through the proxy took over ${timeoutMs} ms`));
    });
    const fail = (error: unknown) => {
      open?.destroy();
      if (done) return;
      done = true;
      timer.cancel();
      onConnected?.(times);
      callback(connectFailure(phase, error), null);
      onConnected?.(null);
    };
    const succeed = (socket: Socket) => {
      if (done) return void socket.destroy();
      done = true;
      timer.cancel();
      onConnected?.(times);
      callback(null, socket);
      onConnected?.(null);
    };

    if (isIP(hostname) !== 0) tunnel(hostname);
    else {
      phase = "dns";
      resolve(options.lookup, hostname, (error, address) => {
        times.dnsMs = lap();
        if (error) return fail(error);
        phase = "connect";
        tunnel(address);
      });
    }

    function tunnel(address: string): void {
      if (done) return;
      const authority = `${isIPv6(address) ? `[${address}]` : address}:${port}`;
      const raw = openProxy(proxy);
      open = raw;
      raw
        .setNoDelay(true)
        .setKeepAlive(true, TCP_KEEP_ALIVE_MS)
        // Stays for good: a socket without a listener would bring the process down.
        .on("error", fail)
        .once("close", () => fail(new ConnectError("connect", "the proxy closed the connection")))
        .once(proxy.secure ? "secureConnect" : "connect", () => {
          const credentials = proxy.authorization
            ? `proxy-authorization: ${proxy.authorization}\r\n`
            : "";
          raw.write(`CONNECT ${authority} HTTP/1.1\r\nhost: ${authority}\r\n${credentials}\r\n`);
          readAnswer(raw, (problem) => {
            if (problem !== null) return fail(new ConnectError("connect", problem));
            times.connectMs = lap();
            if (!secure) return succeed(raw);
            phase = "tls";
            startTls(raw);
          });
        });
    }

    function startTls(raw: Socket): void {
      const { ca, clientCertificate } = options;
      const name = target.servername || (isIP(hostname) === 0 ? hostname.replace(/\.$/, "") : "");
      const socket = connectTls({
        socket: raw,
        host: hostname,
        servername: name,
        ALPNProtocols: ["http/1.1"],
        rejectUnauthorized: true,
        ...(ca !== undefined && { ca }),
        ...clientCertificate,
      });
      open = socket;
      socket.on("error", fail).once("secureConnect", () => {
        times.tlsMs = lap();
        succeed(socket);
      });
    }
  };
}

function openProxy({ hostname, port, secure }: EgressProxy): Socket {
  if (!secure) return connectTcp({ host: hostname, port });
  const servername = isIP(hostname) === 0 ? hostname : "";
  return connectTls({ host: hostname, port, servername, rejectUnauthorized: true });
}

function resolve(
  lookup: LookupFunction,
  hostname: string,
  done: (error: Error | null, address: string) => void,
): void {
  lookup(hostname, { all: false }, (error, address) => {
    const first = Array.isArray(address) ? address[0]?.address : address;
    done(error ?? (first === undefined ? new Error("no address") : null), first ?? "");
  });
}

/** Calls back with what is wrong, in words, or null when the tunnel stands. */
function readAnswer(socket: Socket, done: (problem: string | null) => void): void {
  let text = "";
  const onData = (chunk: Buffer) => {
    text += chunk.toString("latin1");
    const end = text.indexOf("\r\n\r\n");
    if (end === -1 && text.length < LONGEST_ANSWER) return;
    socket.off("data", onData);
    socket.pause();
    const status = /^HTTP\/1\.[01] (\d{3})/.exec(text)?.[1];
    if (status === undefined || end === -1) done("the proxy does not speak HTTP");
    else if (!status.startsWith("2")) done(`the proxy refused the connection (${status})`);
    else if (text.length > end + 4) done("the proxy spoke before its turn");
    else done(null);
  };
  socket.on("data", onData);
}
