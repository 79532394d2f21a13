import { useNavigate, useSearch } from "@tanstack/react-router";
import type * as z from "zod/mini";

/** A schema of an address's search parameters: every one is text, and none must be there. */
export type SearchSchema = z.ZodMiniObject;

/**
 * What the address says, and a way to say something else. A change replaces the address; with
 * `push` it can be gone back from, which is for what opens.
 *
 *     const [search, setSearch] = useAddress(deliveriesSearch);
 *     setSearch({ state: "dead" });
 *     setSearch({ open: id }, { push: true });
 */
export function useAddress<Schema extends SearchSchema>(
  _schema: Schema,
): [z.output<Schema>, (change: Partial<z.output<Schema>>, how?: { push?: boolean }) => void] {
  const search = useSearch({ strict: false }) as z.output<Schema>; // the route has read it with this schema
  const navigate = useNavigate();
  return [
    search,
    (change, how) =>
      void navigate({
        to: ".",
        search: (was: Record<string, unknown>) => ({ ...was, ...change }) as never,
        replace: how?.push !== true,
      }),
  ];
}
