import { DockerfileParser, type Instruction } from "dockerfile-ast";
import { validate } from "dockerfile-utils";

/** What is wrong with a Dockerfile, each with its line: its syntax, and what hadolint would say of ours. */
export function faultsInDockerfile(text: string): string[] {
  const file = DockerfileParser.parse(text);
  const instructions = file.getInstructions();
  const faults: string[] = validate(text).map(
    ({ message, range }) => `${range.start.line + 1}: ${message}`,
  );
  const fault = (at: Instruction, words: string) =>
    void faults.push(`${at.getRange().start.line + 1}: ${words}`);
  const defaults = new Map<string, string>();
  const stages = new Set<string>();
  let workdir = false;
  for (const each of instructions) {
    const words = each.getArgumentsContent() ?? "";
    switch (each.getKeyword()) {
      case "ARG": {
        const [name = "", value = ""] = words.split("=");
        if (stages.size === 0) defaults.set(name, value);
        if (isSecret(name)) fault(each, `${name} would be kept in the image's history`);
        break;
      }
      case "ENV":
        for (const [, name = ""] of words.matchAll(/(\w+)=/g)) {
          if (isSecret(name)) fault(each, `${name} would be kept in the image`);
        }
        break;
      case "FROM": {
        const image = words.split(/\s+/)[0] ?? "";
        const whole = image.replaceAll(/\$\{?(\w+)\}?/g, (_, name) => defaults.get(name) ?? "");
        if (!stages.has(whole) && !/:[^:/]*\d/.test(whole)) fault(each, `${whole} is not pinned`);
        stages.add(/\sas\s+(\S+)/i.exec(words)?.[1] ?? `stage ${stages.size}`);
        workdir = false;
        break;
      }
      case "WORKDIR":
        if (!words.startsWith("/")) fault(each, "WORKDIR is not absolute");
        workdir = true;
        break;
      case "ADD":
        fault(each, "ADD does more than it says: use COPY");
        break;
      case "COPY":
        if (!workdir && !/\s\/\S*$/.test(words))
          fault(each, "COPY to nowhere said: set WORKDIR first");
        break;
      case "RUN":
        if (/\bapt-get\b.*\binstall\b/s.test(words)) {
          if (!words.includes("--no-install-recommends"))
            fault(each, "apt-get installs what it recommends too");
          if (!words.includes("rm -rf /var/lib/apt/lists"))
            fault(each, "the lists of apt-get stay in the layer");
          if (!/apt-get install .*-y|-y.*install/.test(words)) fault(each, "apt-get would ask");
        }
        if (/\bsudo\b/.test(words)) fault(each, "sudo has no use here");
        if (/[^|]\|[^|]/.test(words)) fault(each, "a pipe hides the failure of all but its last");
        if (/\bcd\s+\S+\s*$/.test(words)) fault(each, "cd ends with its RUN: use WORKDIR");
        break;
      case "CMD":
      case "ENTRYPOINT":
        if (!words.startsWith("[")) fault(each, "a shell stands between, and keeps the signals");
        break;
      default:
    }
  }
  const last = instructions.findLastIndex((each) => each.getKeyword() === "FROM");
  const final = instructions.slice(last);
  const user = final.findLast((each) => each.getKeyword() === "USER")?.getArgumentsContent();
  if (!user || /^(root|0)(:|$)/.test(user)) faults.push("0: it runs as root");
  if (user && !/^\d+(:\d+)?$/.test(user))
    faults.push("0: a platform cannot see that it is not root");
  if (!final.some((each) => each.getKeyword() === "HEALTHCHECK")) faults.push("0: no HEALTHCHECK");
  for (const word of ["CMD", "ENTRYPOINT"]) {
    if (final.filter((each) => each.getKeyword() === word).length > 1)
      faults.push(`0: only the last ${word} counts`);
  }
  return faults;
}

function isSecret(name: string): boolean {
  return /SECRET|PASSWORD|TOKEN|_KEY$/.test(name);
}

/** What COPY takes from the context, by path. */
export function copiedFromContext(text: string): string[] {
  return DockerfileParser.parse(text)
    .getCOPYs()
    .filter((copy) => !copy.getFlags().some((flag) => flag.getName() === "from"))
    .flatMap((copy) => copy.getArguments().slice(0, -1).map(String));
}
