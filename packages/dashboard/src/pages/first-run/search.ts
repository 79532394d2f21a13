import * as z from "zod/mini";

const text = z.optional(z.string());

/** What the address of the first run can say. */
export const firstRunSearch = z.object({ kind: text, catcher: text, request: text });
