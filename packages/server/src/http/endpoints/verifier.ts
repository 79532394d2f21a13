import { afterVerification } from "../../core/endpoints/endpoint-rules.ts";
import { CurlewError } from "../../core/errors.ts";
import type { Prober } from "../../delivery/endpoints/prober.ts";
import { type VerificationOutcome, verifyEndpoint } from "../../delivery/endpoints/verification.ts";
import { challenge } from "../../dialects/curlew/challenge.ts";
import { getDialect } from "../../dialects/registry.ts";
import type { Endpoint } from "../../storage/endpoints/endpoints.ts";
import { type FindView, requireView } from "./probes.ts";

/** Asks endpoints to send a token back, and says what follows from the answer. */
export class EndpointVerifier {
  readonly #deps: { prober: Prober; findView: FindView };

  constructor(deps: { prober: Prober; findView: FindView }) {
    this.#deps = deps;
  }

  /** Whether nothing may be sent to it before it was verified. */
  mustVerify({ dialect }: Pick<Endpoint, "dialect">): boolean {
    return getDialect(dialect).handshake !== null;
  }

  /** Asks, with what is about to change of it. */
  async ask(
    endpoint: Endpoint,
    change: { url?: string; headers?: Readonly<Record<string, string>> } = {},
  ): Promise<VerificationOutcome> {
    const own = getDialect(endpoint.dialect).handshake;
    const handshake = own ?? (endpoint.dialect === "curlew" ? challenge : null);
    if (handshake === null) {
      const detail = `${endpoint.dialect} has no verification: send a test instead.`;
      throw new CurlewError("conflict", detail);
    }
    const view = await requireView(this.#deps.findView, endpoint);
    const asked = {
      ...view,
      url: change.url ?? view.url,
      headers: { ...view.headers, ...change.headers },
    };
    return verifyEndpoint(this.#deps.prober, asked, handshake);
  }

  /** What an outcome changes of an endpoint: where it need not be verified, only the time of it. */
  after(
    before: Endpoint,
    outcome: VerificationOutcome,
    { now, wish }: { now: number; wish: "enabled" | "disabled" | null },
  ): Pick<Endpoint, "state" | "stateReason" | "disabledBy" | "verifiedAt"> {
    if (this.mustVerify(before)) {
      const { disabledBy, ...after } = afterVerification(before, outcome, { now, wish });
      // Whoever disabled it before stays named.
      const keeps = after.state === "disabled" && outcome.verified && wish === null;
      return { ...after, disabledBy: keeps ? before.disabledBy : disabledBy };
    }
    const { state, stateReason, disabledBy } = before;
    return { state, stateReason, disabledBy, verifiedAt: outcome.verified ? now : null };
  }
}
