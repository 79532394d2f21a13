import type { Dialect, Letter } from "../../dialects/dialect.ts";

export const MASKED = "***";

/** What differs between two made-up secrets comes of the secret, whatever the dialect calls it. */
export function maskedHeaders(
  dialect: Dialect,
  letter: Omit<Letter, "secrets">,
): Record<string, string> {
  const signedWith = (byte: number) => {
    const value = dialect.secret.make(new Uint8Array(32).fill(byte));
    return dialect.headers({ ...letter, secrets: [{ id: "", value }] });
  };
  const other = signedWith(2);
  return Object.fromEntries(
    Object.entries(signedWith(1)).map(([name, value]) => [
      name,
      value === other[name] ? value : MASKED,
    ]),
  );
}

/**
 * What a dialect's own signature covers: the body, the time. The native headers, which every dialect
 * sends too, are not what the receivers of another look at.
 */
export function signedBy(
  dialect: Dialect,
  options: Letter["options"],
): { body: boolean; time: boolean } {
  const letter = { id: "evt_", type: "", body: "{}", timestampS: 0, attempt: 1, replayed: false };
  const secrets = [{ id: "", value: dialect.secret.make(new Uint8Array(32).fill(1)) }];
  const headersOf = (more: Partial<Letter>) =>
    dialect.headers({ ...letter, options, secrets, ...more });
  const masked = Object.entries(maskedHeaders(dialect, { ...letter, options }));
  const signed = masked.filter(([, value]) => value === MASKED).map(([name]) => name);
  const own = signed.filter((name) => name !== "webhook-signature");
  const [name = ""] = own.length > 0 ? own : signed;
  const plain = headersOf({})[name];
  return {
    body: headersOf({ body: "[]" })[name] !== plain,
    time: headersOf({ timestampS: 1 })[name] !== plain,
  };
}

/** The headers without those that come of a secret. */
export function withoutSignature(
  headers: Readonly<Record<string, string>>,
  masked: Readonly<Record<string, string>>,
): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => masked[name] !== MASKED));
}
