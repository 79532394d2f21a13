import type { Page } from "playwright-core";
import { until } from "../../../server/test/support/until.ts";

/** The name of what has the focus; `body` where nothing has, and `unseen` before one whose focus cannot be seen. */
export const focused = (page: Page): Promise<string> =>
  page.evaluate(() => {
    const element = document.activeElement;
    if (!(element instanceof HTMLElement) || element === document.body) return "body";
    const label = element instanceof HTMLInputElement ? element.labels?.[0] : null;
    const said =
      element.getAttribute("name") ??
      element.getAttribute("aria-label") ??
      (label ?? element.closest("label"))?.innerText;
    const name = (said ?? element.innerText).split("\n")[0] ?? "";
    // What is led to is not marked: its place on the page shows it.
    const isPlace = element.tabIndex === -1 || element.matches("h1, [data-quiet-focus], textarea");
    const isSeen = isPlace || getComputedStyle(element).outlineStyle !== "none";
    return isSeen ? name : `unseen ${name}`;
  });

export async function expectFocus(page: Page, name: string): Promise<void> {
  let last = "";
  await until(`${name} has the focus`, async () => {
    last = await focused(page);
    return last === name;
  }).catch((cause: unknown) => {
    throw new Error(`${last} has the focus, and not ${name}`, { cause });
  });
}

/** Presses Tab until this has the focus, as a person does who sees it. */
export async function tabTo(page: Page, name: string, key = "Tab"): Promise<void> {
  const passed: string[] = [];
  for (let n = 0; n < 40; n += 1) {
    const at = await focused(page);
    if (at === name) return;
    passed.push(at);
    await page.keyboard.press(key);
  }
  throw new Error(`Tab does not lead to ${name}: ${passed.join(", ")}`);
}
