import { expect, test } from "vitest";
import { equalSecrets, newSigningSecret, randomBase62, secretFrom } from "./secrets.ts";

test("a signing secret holds 32 bytes, as Standard Webhooks writes them", () => {
  const secret = newSigningSecret();
  expect(secret).toMatch(/^whsec_/);
  expect(Buffer.from(secret.slice("whsec_".length), "base64")).toHaveLength(32);
  expect(newSigningSecret()).not.toBe(secret);
});

test("random letters have the length asked for and use the whole alphabet evenly", () => {
  expect(randomBase62(0)).toBe("");
  expect(randomBase62(22)).toMatch(/^[0-9A-Za-z]{22}$/);
  const counts = new Map<string, number>();
  for (const letter of randomBase62(62_000)) counts.set(letter, (counts.get(letter) ?? 0) + 1);
  expect(counts.size).toBe(62);
  // Expected 1,000 each with a deviation of 32; the bias that is avoided would be 25 %.
  for (const count of counts.values()) expect(Math.abs(count - 1_000)).toBeLessThan(220);
});

test("secrets are equal when every character is", () => {
  expect(equalSecrets("whsec_a", "whsec_a")).toBe(true);
  expect(equalSecrets("whsec_a", "whsec_b")).toBe(false);
  expect(equalSecrets("whsec_a", "whsec_a ")).toBe(false);
  expect(equalSecrets("", "")).toBe(true);
});

test("a secret for a purpose is the same wherever the key is, and another for every purpose and key", () => {
  const [key, other] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
  expect(secretFrom(key, "doors")).toBe(secretFrom(key, "doors"));
  expect(
    new Set([secretFrom(key, "doors"), secretFrom(key, "windows"), secretFrom(other, "doors")])
      .size,
  ).toBe(3);
});
