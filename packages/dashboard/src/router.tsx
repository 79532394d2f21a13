import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
} from "@tanstack/react-router";
import * as z from "zod/mini";
import { asRefused } from "./api/problem.ts";
import { pages } from "./pages/index.ts";
import { openPlaces } from "./parts/places.ts";
import { Broken } from "./shell/broken.tsx";
import { NothingHere } from "./shell/nothing-here.tsx";
import { Shell } from "./shell/shell.tsx";

/** Addresses are read by people: `?state=dead`, without quotes or braces. */
function readSearch(text: string): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(text));
}

function writeSearch(search: Record<string, unknown>): string {
  const said = Object.entries(search).filter(([, value]) => value !== undefined && value !== "");
  if (said.length === 0) return "";
  // A colon and a comma need no escape in a query, and times and lists have them.
  const text = new URLSearchParams(said.map(([name, value]) => [name, String(value)])).toString();
  return `?${text.replaceAll("%3A", ":").replaceAll("%2C", ",")}`;
}

const NOTHING = z.object({});

/**
 * Of another version than this page, the code is found after a reload, which the router does by itself; while nobody
 * answers that would lead to the browser's own page of errors.
 */
async function whyNot(cause: unknown): Promise<never> {
  const isThere = await fetch("/healthz").then(
    ({ ok }) => ok,
    () => false,
  );
  throw isThere ? cause : asRefused(cause);
}

export function makeRouter() {
  openPlaces(pages);
  const root = createRootRoute({ component: Shell, notFoundComponent: NothingHere });
  const routes = pages.map((page) =>
    createRoute({
      getParentRoute: () => root,
      path: page.path,
      // A link that a person has cut short still opens the page.
      validateSearch: (search) => {
        const read = z.safeParse(page.search ?? NOTHING, search);
        return read.success ? read.data : {};
      },
      component: lazyRouteComponent(() => page.load().catch(whyNot), "Page"),
      errorComponent: Broken,
      staticData: { page },
    }),
  );
  return createRouter({
    routeTree: root.addChildren(routes),
    parseSearch: readSearch,
    stringifySearch: writeSearch,
    defaultPreload: "intent",
    defaultPreloadDelay: 60,
    scrollRestoration: false,
  });
}
