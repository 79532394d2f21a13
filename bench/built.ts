import { fileURLToPath } from "node:url";

/** The server's entry, as `npm run build` leaves it. */
export const SERVER_ENTRY = fileURLToPath(
  new URL("../packages/server/dist/cli/main.js", import.meta.url),
);

/** A module of the built server, the very code that the gateway runs. `Module` is its source's type. */
export function importBuilt<Module>(path: string): Promise<Module> {
  return import(new URL(`../packages/server/dist/${path}`, import.meta.url).href);
}
