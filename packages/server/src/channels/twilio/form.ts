/** A form as it came: the values of each parameter, in their order. */
export type Form = ReadonlyMap<string, readonly string[]>;

/** Twilio sends some forty parameters; a hundred media are eighty more. */
const MAX_PARAMETERS = 1_000;

/** Reads `application/x-www-form-urlencoded`, as leniently as browsers do; null for what is no such thing. */
export function parseForm(text: string): Form | null {
  const form = new Map<string, string[]>();
  let count = 0;
  for (const [name, value] of new URLSearchParams(text)) {
    if (++count > MAX_PARAMETERS) return null;
    const values = form.get(name);
    if (values) values.push(value);
    else form.set(name, [value]);
  }
  return form;
}
