import { join } from "node:path";
import { expect, test } from "vitest";
import { dialectNames, getDialect } from "../../src/dialects/registry.ts";
import { dialectPage, PROSE } from "../support/project/dialect-page.ts";
import { ROOT, readDocument } from "../support/project/documents.ts";

const named = dialectNames.filter((name) => getDialect(name).events !== null);

test.each(named)("the reference page of %s says what its folder says", async (name) => {
  const prose = PROSE[name];
  if (!prose) throw new Error(`nobody has described ${name}`);
  // `npx vitest run dialect-pages -u` writes it anew.
  const path = join(ROOT, `docs/reference/dialects/${name}.md`);
  await expect(dialectPage(getDialect(name), prose)).toMatchFileSnapshot(path);
});

test("the guide names every dialect and every option", () => {
  const guide = readDocument("docs/guides/dialects.md");
  for (const name of dialectNames) {
    expect(guide, name).toContain(`\`${name}\``);
    for (const option of getDialect(name).options) expect(guide).toContain(`\`${option.name}\``);
  }
});
