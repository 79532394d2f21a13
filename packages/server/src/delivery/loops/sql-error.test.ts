import { expect, test } from "vitest";
import { isRolledBack, remedyFor, sqlState } from "./sql-error.ts";

const coded = (code: string) => Object.assign(new Error(`write ${code}`), { code });

test.each(["EPIPE", "ECONNRESET", "ETIMEDOUT", "EHOSTUNREACH", "ENETDOWN", "EAI_AGAIN"])(
  "%s is the connection's trouble: the whole is repeated, and nobody knows how a commit ended",
  (code) => {
    expect(remedyFor(coded(code))).toBe("again");
    expect(sqlState(coded(code))).toBeNull();
    expect(isRolledBack(coded(code))).toBe(false);
  },
);

test.each([
  ["a lost server", "57P01", "again", false],
  ["a broken connection", "08006", "again", false],
  ["a deadlock", "40P01", "again", true],
  ["a full disk", "53100", "again", true],
  ["a value that fits no column", "22021", "apart", true],
  ["a key that is there already", "23505", "apart", true],
  ["a row that is too long", "54000", "apart", true],
  ["a statement that is too deep", "54001", "apart", true],
])("%s (%s) is tried %s", (_, code, remedy, isCertain) => {
  expect(remedyFor(coded(code))).toBe(remedy);
  expect(sqlState(coded(code))).toBe(code);
  expect(isRolledBack(coded(code))).toBe(isCertain);
});

test.each(["GetNewTransactionId", "GetNewMultiXactId"])(
  "a server that has no transaction ids left (%s) refuses everything, and the data is not at fault",
  (routine) => {
    expect(remedyFor(Object.assign(coded("54000"), { routine }))).toBe("again");
    expect(remedyFor(Object.assign(coded("54000"), { routine: "_bt_check_third_page" }))).toBe(
      "apart",
    );
  },
);

test("what pg says of a connection that is of no more use is no fault of the data", () => {
  expect(remedyFor(new Error("Connection terminated unexpectedly"))).toBe("again");
  expect(remedyFor(new Error("Query read timeout"))).toBe("again");
  expect(remedyFor(new TypeError("undefined is not a function"))).toBe("apart");
});
