import type { Page } from "playwright-core";
import type { House } from "./house.ts";

/** One view of the dashboard, to be looked at: by axe in both themes, and by people. */
export interface View {
  /** Of its picture: `endpoints`. */
  name: string;
  path: string;
  /** Also at 390 px. */
  onPhone?: boolean;
  /** Brings the page to what is to be seen; it has loaded. */
  prepare?(page: Page): Promise<void>;
}

/** The views of an area, and what must lie on the server for them. */
export interface Walk {
  /** Fills the server, over its API. Ids that paths need are kept by the area. */
  fill?(house: House): Promise<void>;
  views(): readonly View[];
}
