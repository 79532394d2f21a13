import type { ErrorCode, SendPlatform } from "../../src/index.ts";
import type { Same, Schemas } from "./operations.ts";

type Known = Schemas["Problem"]["code"];
type Platform = NonNullable<Schemas["SendRequest"]["platform"]>;

/** Every code of the API is named, and no other; otherwise the compiler says which are. */
export const ALL_CODES_ARE_NAMED: Same<ErrorCode, Known> extends true ? true : Known = true;

/** And every platform that a message can be sent over. */
export const ALL_PLATFORMS_ARE_NAMED: Same<SendPlatform, Platform> extends true ? true : Platform =
  true;
