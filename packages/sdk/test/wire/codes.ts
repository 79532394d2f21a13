import type { ErrorCode } from "../../src/index.ts";
import type { Same, Schemas } from "./operations.ts";

type Known = Schemas["Problem"]["code"];

/** Every code of the API is named, and no other; otherwise the compiler says which are. */
export const ALL_CODES_ARE_NAMED: Same<ErrorCode, Known> extends true ? true : Known = true;
