import { expect, test } from "vitest";
import { fitting } from "./fitting.ts";

const COLUMNS = [
  { id: "state", width: 128 },
  { id: "event" },
  { id: "from", width: 210, from: 780 },
  { id: "endpoint", width: 170, from: 620 },
  { id: "answer", width: 118, from: 560 },
  { id: "created", width: 84 },
];

test("a table drops what wants the most room until its rows can be told apart", () => {
  const at = (width: number) => fitting(COLUMNS, width).map(({ id }) => id);
  expect(at(1_200)).toEqual(COLUMNS.map(({ id }) => id));
  expect(at(804)).toEqual(["state", "event", "endpoint", "answer", "created"]);
  expect(at(620)).toEqual(["state", "event", "answer", "created"]);
  expect(at(340)).toEqual(["state", "event", "created"]);
  // Not measured yet.
  expect(at(0)).toHaveLength(COLUMNS.length);
});
