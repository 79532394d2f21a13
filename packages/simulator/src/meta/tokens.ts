import { fieldsOf } from "../control/input.ts";
import { GraphError } from "./graph-error.ts";

const STATES = ["valid", "expired", "invalid", "no_permission"] as const;
export type TokenState = (typeof STATES)[number];

export interface TokenInput {
  token: string;
  state: TokenState;
}

export type Tokens = ReturnType<typeof createTokens>;

/** The access tokens. Any token is good until one is named as the only kind that is, or as bad. */
export function createTokens(valid: readonly string[] | undefined) {
  const states = new Map<string, TokenState>();
  const reset = () => {
    states.clear();
    for (const token of valid ?? []) states.set(token, "valid");
  };
  reset();

  return {
    put(input: unknown): { state: TokenState } {
      const fields = fieldsOf(input, "tokens");
      const token = fields.requiredText("token");
      const state = fields.choice("state", STATES) ?? "valid";
      fields.done();
      states.set(token, state);
      return { state };
    },
    /** Throws the GraphError that Meta answers where the request carries no good token. */
    check(authorization: string | undefined, queryToken: string | null): void {
      const bearer = /^Bearer\s+(\S+)\s*$/i.exec(authorization ?? "")?.[1];
      const token = bearer ?? queryToken ?? undefined;
      if (token === undefined) {
        throw new GraphError(190, {
          message: "An access token is required to request this resource.",
        });
      }
      const state = states.get(token) ?? (valid === undefined ? "valid" : "invalid");
      if (state === "expired") {
        throw new GraphError(190, {
          message: "Error validating access token: Session has expired.",
          subcode: 463,
        });
      }
      if (state === "invalid") {
        throw new GraphError(190, {
          message: "Invalid OAuth access token - Cannot parse access token",
        });
      }
      if (state === "no_permission") throw new GraphError(10);
    },
    reset,
  };
}
