import * as z from "zod/mini";

const text = z.optional(z.string());

export const simulatorSearch = z.object({ kind: text, catcher: text, request: text });
export const catcherSearch = z.object({ catcher: text, request: text });
