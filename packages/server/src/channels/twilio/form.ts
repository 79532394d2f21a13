/** A form as it came: the values of each parameter, in their order. */
export type Form = ReadonlyMap<string, readonly string[]>;

/** Twilio sends some forty parameters; a hundred media would be two hundred more. */
const MAX_PARAMETERS = 1_000;

/** Reads `application/x-www-form-urlencoded`, as leniently as browsers do; null for what is no such thing. */
export function parseForm(text: string): Form | null {
  if (hasMoreThan(MAX_PARAMETERS, text)) return null;
  const form = new Map<string, string[]>();
  for (const [name, value] of new URLSearchParams(text)) {
    const values = form.get(name);
    if (values) values.push(value);
    else form.set(name, [value]);
  }
  return form;
}

/** Counted before anything is read: whoever sends this has not proved anything yet. */
function hasMoreThan(max: number, text: string): boolean {
  let count = 1;
  for (let at = text.indexOf("&"); at !== -1; at = text.indexOf("&", at + 1)) {
    if (++count > max) return true;
  }
  return false;
}

/** The same parameters where they come as a JSON object; null for anything else. */
export function parseJsonForm(text: string): Form | null {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
    const entries = Object.entries(value).filter(([, each]) => typeof each === "string");
    return new Map(entries.map(([name, each]) => [name, [String(each)]]));
  } catch {
    return null;
  }
}

/** A parameter's first value; null when it is absent or empty. */
export function textAt(form: Form, name: string): string | null {
  return form.get(name)?.[0] || null;
}
