import { expect, test } from "vitest";
import { connectFailure } from "./failures.ts";

test("a receiver's certificate that OpenSSL finds weak is told in OpenSSL's words", () => {
  // As Node 24 and later say it of an RSA key of 1,024 bits.
  const failure = refused("EE certificate key too weak", "UNSPECIFIED");
  expect(connectFailure("tls", failure)).toMatchObject({
    kind: "tls",
    message: "the certificate was refused: EE certificate key too weak",
  });
});

test("no address of a failed connection gets into its words", () => {
  const failure = refused("connect ECONNREFUSED 10.1.2.3:443", "ECONNREFUSED");
  expect(connectFailure("connect", failure).message).not.toContain("10.1.2.3");
  const unnamed = refused("connect UNSPECIFIED 10.1.2.3:443", "UNSPECIFIED");
  expect(connectFailure("connect", unnamed).message).not.toContain("10.1.2.3");
});

function refused(message: string, code: string): Error {
  return Object.assign(new Error(message), { code });
}
