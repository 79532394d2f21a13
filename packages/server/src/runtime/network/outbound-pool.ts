import type { LookupFunction } from "node:net";
import { type Dispatcher, Pool } from "undici";
import type { Clock } from "../../core/outside/clock.ts";
import type { TimerWheel } from "../timer-wheel.ts";
import { type ConnectorOptions, type ConnectTimes, createConnector } from "./connector.ts";
import { createProxyConnector, type EgressProxy } from "./proxy-connector.ts";

export interface OutboundPoolOptions {
  clock: Pick<Clock, "monotonic">;
  wheel: TimerWheel;
  origin: string;
  lookup: LookupFunction;
  maxConnections: number;
  connectTimeoutMs: number;
  /** How long an unused connection is kept when the other side does not say. */
  keepAliveMs: number;
  ca: string | undefined;
  clientCertificate?: ConnectorOptions["clientCertificate"];
  /** Connections are made through it; null or absent: straight. */
  proxy?: EgressProxy | null;
}

/** The kept-alive connections to one origin: one request at a time on each, HTTP/1.1. */
export class OutboundPool {
  readonly #options: OutboundPoolOptions;
  #pool: Pool;
  #closed = false;
  /** Of a connection that ends its making in this turn. */
  #connected: ConnectTimes | null = null;

  constructor(options: OutboundPoolOptions) {
    this.#options = options;
    this.#pool = this.#open();
  }

  /**
   * Asked by a request that is about to be written, or has failed for want of a connection: what
   * making that connection took; null when it goes out on one that was open.
   */
  takeConnectTimes(): ConnectTimes | null {
    const times = this.#connected;
    this.#connected = null; // The next one finds it open.
    return times;
  }

  dispatch(request: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): void {
    this.#pool.dispatch(request, handler);
  }

  /**
   * To be called when undici has refused to send a request (a header it does not like): it counts
   * a connection as busy for ever after that, and the pool would come to a standstill.
   */
  renew(): void {
    if (this.#closed) return;
    void this.#pool.close();
    this.#pool = this.#open();
  }

  /** Lets what is under way finish; what comes later fails as `closed`. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#pool.close();
  }

  #open(): Pool {
    const { clock, wheel, origin, lookup, connectTimeoutMs, proxy } = this.#options;
    const { ca, clientCertificate } = this.#options;
    const connecting: ConnectorOptions = {
      ...{ clock, wheel, timeoutMs: connectTimeoutMs, lookup, ca, clientCertificate },
      // undici writes the request that waits for it, or fails it, before it returns.
      onConnected: (times) => {
        this.#connected = times;
      },
    };
    return new Pool(origin, {
      connections: this.#options.maxConnections,
      // More would let undici repeat a request of its own accord when a connection breaks.
      pipelining: 1,
      keepAliveTimeout: this.#options.keepAliveMs,
      // The wheel keeps the time.
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: proxy ? createProxyConnector(connecting, proxy) : createConnector(connecting),
    });
  }
}
