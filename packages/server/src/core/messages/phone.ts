const E164 = /^\+[1-9]\d{1,14}$/;
const DIGITS = /^[1-9]\d{1,14}$/;

/** Whether the text is a telephone number in E.164: a plus sign and digits, nothing else. */
export function isE164(text: string): boolean {
  return E164.test(text);
}

/** What WhatsApp calls the owner of a number: its digits without the plus sign. */
export function waIdOf(e164: string): string {
  return e164.slice(1);
}

/** The number behind a `wa_id`, or null when it is none. */
export function phoneOfWaId(waId: string): string | null {
  return DIGITS.test(waId) ? `+${waId}` : null;
}

/**
 * The ids that one telephone number may be known by at WhatsApp, the likeliest first. Some countries
 * changed their numbers and WhatsApp kept the old form for accounts made before: Brazil's ninth
 * digit (mobile numbers only), Mexico's 1 and Argentina's 9 after the country code are there or not.
 */
export function waIdsOf(e164: string): readonly string[] {
  const digits = waIdOf(e164);
  const brazil = /^55(\d\d)(9?)([6-9]\d{7})$/.exec(digits);
  if (brazil) return alternatives(digits, `55${brazil[1]}`, "9", brazil[2], brazil[3]);
  const mexico = /^52(1?)(\d{10})$/.exec(digits);
  if (mexico) return alternatives(digits, "52", "1", mexico[1], mexico[2]);
  const argentina = /^54(9?)(\d{10})$/.exec(digits);
  if (argentina) return alternatives(digits, "54", "9", argentina[1], argentina[2]);
  return [digits];
}

function alternatives(
  given: string,
  prefix: string,
  infix: string,
  present: string | undefined,
  rest: string | undefined,
): readonly string[] {
  return [given, `${prefix}${present === "" ? infix : ""}${rest ?? ""}`];
}
