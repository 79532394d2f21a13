import type { Context } from "hono";

/** Nothing comes from elsewhere, and nothing on a page runs that is not a file of ours. */
const CSP =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; " +
  "font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** What every page for people is sent with. */
export function guardPage(c: Context): void {
  c.header("content-security-policy", CSP);
  c.header("referrer-policy", "no-referrer");
  c.header("x-content-type-options", "nosniff");
  c.header("x-frame-options", "DENY");
}
