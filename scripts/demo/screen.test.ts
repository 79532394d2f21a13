import { expect, test } from "vitest";
import { createScreen } from "./screen.ts";

test("an address and what is said of it stay apart, however long the address is", () => {
  const printed: string[] = [];
  const screen = createScreen({ write: (text) => void printed.push(text), colours: false });
  screen.facts([
    ["API", "http://127.0.0.1:45319/docs", "in a browser"],
    ["Dashboard", "http://127.0.0.1:45319/", "make an account"],
    ["Key", "demo-key"],
  ]);
  expect(printed.join("")).toBe(`
  API        http://127.0.0.1:45319/docs  in a browser
  Dashboard  http://127.0.0.1:45319/      make an account
  Key        demo-key
`);
});
