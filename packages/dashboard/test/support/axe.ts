import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "playwright-core";

const NOTHING = ";";

/** What axe finds wrong with the page as it stands, in words, by these rules or all; empty when nothing. */
export async function findings(page: Page, rules?: string[]): Promise<string[]> {
  const isThere = await page.evaluate(() => "axe" in window);
  // It is long, and would be read twice each time.
  const axe = new AxeBuilder({ page, ...(isThere ? { axeSource: NOTHING } : {}) })
    .setLegacyMode(true)
    // Of what is right it would tell as much, node by node, and takes longer for that than to find what is wrong.
    .options({ resultTypes: ["violations"] })
    // Around an open menu Base UI sets guards: they hand the focus on the moment that they get it.
    .exclude("[data-base-ui-focus-guard]");
  const { violations } = await (rules ? axe.withRules(rules) : axe).analyze();
  const found: string[] = [];
  for (const { id, help, nodes } of violations) {
    for (const { html, target, failureSummary } of nodes) {
      if (id === "region" && (await isInMenu(page, String(target.at(-1))))) continue;
      found.push(`${id}: ${help}\n${html}\n${failureSummary}`);
    }
  }
  return found;
}

/** An open menu lies in no landmark, as a dialog does, for which axe makes the exception. */
function isInMenu(page: Page, selector: string): Promise<boolean> {
  return page.evaluate(
    (at) => document.querySelector(at)?.closest('[role="menu"]') instanceof Element,
    selector,
  );
}
