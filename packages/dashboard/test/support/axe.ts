import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "playwright-core";

/** What axe finds wrong with the page as it stands, in words, by these rules or all; empty when nothing. */
export async function findings(page: Page, rules?: string[]): Promise<string[]> {
  const axe = new AxeBuilder({ page })
    .setLegacyMode(true)
    // Around an open menu Base UI sets guards: they hand the focus on the moment that they get it.
    .exclude("[data-base-ui-focus-guard]");
  const { violations } = await (rules ? axe.withRules(rules) : axe).analyze();
  return violations.flatMap(({ id, help, nodes }) =>
    nodes
      // An open menu lies in no landmark, as a dialog does, for which axe makes the exception.
      .filter(({ html }) => id !== "region" || !html.includes('role="menu"'))
      .map(({ html, failureSummary }) => `${id}: ${help}\n${html}\n${failureSummary}`),
  );
}
