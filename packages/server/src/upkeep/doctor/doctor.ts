import { amount } from "../../core/wording.ts";
import { type ExamineDeps, examine } from "./examine.ts";
import { type Finding, fault } from "./judge.ts";

/** How findings are told. */
interface Telling {
  print(text: string): void;
  asJson: boolean;
}

/** Says what is wrong with an installation and what to do; answers whether there is a fault. */
export async function doctor(deps: ExamineDeps, o: { asJson: boolean }): Promise<boolean> {
  return tell(await examine(deps), { print: deps.print, ...o });
}

/** The same of an environment that makes no configuration: nothing further can be looked at. */
export function doctorOfEnvironment(problems: readonly string[], telling: Telling): boolean {
  return tell(
    problems.map((text) => fault(`${text}.`)),
    telling,
  );
}

function tell(findings: readonly Finding[], { print, asJson }: Telling): boolean {
  const faults = findings.filter(({ level }) => level === "fault");
  const warnings = findings.filter(({ level }) => level === "warning");
  if (asJson) print(JSON.stringify([...faults, ...warnings], null, 2));
  else {
    for (const { text } of faults) print(`Fault:   ${text}`);
    for (const { text } of warnings) print(`Warning: ${text}`);
    print(
      findings.length === 0
        ? "Nothing is wrong, as far as it can be seen from here: settings, database, schema, clock, disk, keys, address."
        : `${amount(faults.length, "fault")}, ${amount(warnings.length, "warning")}.`,
    );
  }
  return faults.length > 0;
}
