export type DialectOptions = Readonly<Record<string, boolean | number | string>>;

/** One thing that an endpoint can choose about how its dialect is spoken. */
export type OptionRule =
  | { name: string; description: string; kind: "flag"; initial: boolean }
  | { name: string; description: string; kind: "count"; initial: number; most: number }
  | {
      name: string;
      description: string;
      kind: "choice";
      initial: string;
      choices: readonly string[];
    };

/** Sends events that the dialect has no name for too, under their canonical types. */
export const EXTENDED_EVENTS: OptionRule = {
  name: "extended_events",
  description: "Send the events that the dialect has no name for too, under their canonical types",
  kind: "flag",
  initial: false,
};

/** The first of the given options that cannot be, and why, or null. */
export function optionProblem(
  rules: readonly OptionRule[],
  given: Readonly<Record<string, unknown>>,
): { name: string; detail: string } | null {
  for (const [name, value] of Object.entries(given)) {
    const rule = rules.find((each) => each.name === name);
    const detail = rule ? valueProblem(rule, value) : unknownOption(rules);
    if (detail !== null) return { name, detail };
  }
  return null;
}

/** The chosen options and, for what was left open, what the dialect begins with. */
export function completeOptions(
  rules: readonly OptionRule[],
  chosen: Readonly<Record<string, unknown>>,
): DialectOptions {
  const options: Record<string, boolean | number | string> = {};
  for (const rule of rules) {
    const value = chosen[rule.name];
    const isUsable =
      (typeof value === "boolean" || typeof value === "number" || typeof value === "string") &&
      valueProblem(rule, value) === null;
    options[rule.name] = isUsable ? value : rule.initial;
  }
  return options;
}

function valueProblem(rule: OptionRule, value: unknown): string | null {
  switch (rule.kind) {
    case "flag":
      return typeof value === "boolean" ? null : "is true or false";
    case "choice":
      return typeof value === "string" && rule.choices.includes(value)
        ? null
        : `is one of ${rule.choices.join(", ")}`;
    case "count":
      return Number.isInteger(value) && Number(value) >= 0 && Number(value) <= rule.most
        ? null
        : `is a whole number from 0 to ${rule.most}`;
  }
}

function unknownOption(rules: readonly OptionRule[]): string {
  if (rules.length === 0) return "is no option: the dialect has none";
  return `is no option of the dialect, which has ${rules.map(({ name }) => name).join(", ")}`;
}
