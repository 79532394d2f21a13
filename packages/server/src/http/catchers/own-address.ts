import { parseId, publicId } from "../../core/ids.ts";
import { readUrl } from "../../core/url.ts";

/**
 * Where this server reaches itself. Webhooks may go to its catchers although the address is private: to
 * this very origin and to `/catch/<id>` on it, and to nothing else that is served here.
 */
export class OwnAddress {
  readonly #publicUrl: string | null;
  #listening: string | null = null;

  constructor(publicUrl: string | null) {
    this.#publicUrl = publicUrl;
  }

  /** The server listens there; a host that stands for every interface is reached by loopback. */
  listensAt(url: string): void {
    const { port, hostname } = new URL(url);
    const isEvery = hostname === "0.0.0.0" || hostname === "[::]";
    this.#listening = isEvery ? `http://127.0.0.1:${port}` : url;
  }

  /** Without a slash at the end. */
  get base(): string {
    const base = this.#publicUrl ?? this.#listening;
    if (base === null) throw new Error("the server does not listen yet");
    return base;
  }

  /** As this process itself connects to it, whatever stands before it for others. */
  get local(): string {
    return this.#listening ?? this.base;
  }

  catcherUrl(catcherId: string): string {
    return `${this.base}/catch/${publicId("cat", catcherId)}`;
  }

  isCatcher(url: URL): boolean {
    if (url.username !== "" || url.password !== "" || url.search !== "") return false;
    return [this.#publicUrl, this.#listening].some((base) => {
      const own = base === null ? null : readUrl(`${base}/catch/`);
      if (own === null || url.origin !== own.origin) return false;
      if (!url.pathname.startsWith(own.pathname)) return false;
      return parseId("cat", url.pathname.slice(own.pathname.length)) !== null;
    });
  }
}
