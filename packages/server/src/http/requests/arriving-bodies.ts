import type { IncomingMessage } from "node:http";

const MEGABYTE = 1024 * 1024;
/** What may be held of bodies that are not whole yet. Who sends them has proved nothing so far. */
const MOST_BYTES = 256 * MEGABYTE;
/** As much as a connection holds by itself is not counted: most requests bring less. */
const SMALL = MEGABYTE / 64;
/** No body is held that is longer; one that does not say its length may become as long. */
const LONGEST = 4 * MEGABYTE;
/** Of a file, which goes to the disk as it comes. */
const IN_PASSING = MEGABYTE / 16;
const FILES = /^\/v1\/media(\?|$)/;

interface Arriving {
  incoming: IncomingMessage;
  bytes: number;
}

export interface ArrivingBodiesDeps {
  /** One was cut off. */
  onCutOff(): void;
  mostBytes?: number;
}

/**
 * Keeps who sends slowly from filling memory: where bodies that are under way have taken what there is for them,
 * the one that has been under way for longest is cut off. An honest one is there after some milliseconds.
 */
export class ArrivingBodies {
  readonly #deps: ArrivingBodiesDeps;
  /** The oldest first. */
  readonly #arriving = new Set<Arriving>();
  #bytes = 0;

  constructor(deps: ArrivingBodiesDeps) {
    this.#deps = deps;
  }

  /** What they may take when they are whole. */
  get bytes(): number {
    return this.#bytes;
  }

  /** A request's head is there. */
  enter(incoming: IncomingMessage): void {
    const bytes = bytesOf(incoming);
    if (bytes <= SMALL) return;
    const arriving = { incoming, bytes };
    this.#arriving.add(arriving);
    this.#bytes += bytes;
    const leave = () => this.#leave(arriving);
    incoming.once("end", leave).once("close", leave);
    const { onCutOff, mostBytes = MOST_BYTES } = this.#deps;
    for (const oldest of this.#arriving) {
      if (this.#bytes <= mostBytes || oldest === arriving) return;
      this.#leave(oldest);
      oldest.incoming.destroy();
      onCutOff();
    }
  }

  #leave(arriving: Arriving): void {
    if (this.#arriving.delete(arriving)) this.#bytes -= arriving.bytes;
  }
}

function bytesOf({ headers, url = "" }: IncomingMessage): number {
  const isUnknown = headers["transfer-encoding"] !== undefined;
  const bytes = isUnknown ? LONGEST : Number(headers["content-length"] ?? 0);
  return Math.min(bytes, FILES.test(url) ? IN_PASSING : LONGEST);
}
