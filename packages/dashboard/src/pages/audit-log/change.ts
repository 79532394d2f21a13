import type { Shape } from "../../api/client.ts";
import { auditWords } from "../../words/index.ts";

export type Entry = Shape<"AuditEntry">;

/** `changed an endpoint`, `paused an endpoint`: what was done, from the route that did it. */
export function changeOf({ operation }: Pick<Entry, "operation">): string {
  const [method = "", route = ""] = operation.split(" ");
  const [noun = "", ...rest] = route.split("/").filter((part) => part !== "" && part !== "v1");
  const act = rest.filter((part) => !part.startsWith(":") && !part.startsWith("{")).at(-1);
  const name = isNoun(noun) ? auditWords.nouns[noun] : noun;
  if (act !== undefined) {
    const known = [`${noun} ${act}`, act].find(isAct);
    if (known !== undefined) return `${auditWords.acts[known]} ${name}`;
    return auditWords.act(act.replaceAll("-", " "), name);
  }
  return isVerb(method) ? `${auditWords.verbs[method]} ${name}` : operation;
}

/** The id in the path, or null where the change was of no one thing. */
export function objectOf({ path }: Pick<Entry, "path">): string | null {
  return /\/([a-z]{2,4}_[0-9A-Za-z_]{20,})/.exec(path)?.[1] ?? null;
}

export function actorOf({ actor: { kind, id, name } }: Pick<Entry, "actor">): string {
  return (
    name ?? (id === null ? auditWords.kinds[kind] : `${auditWords.kinds[kind]}, ${auditWords.gone}`)
  );
}

function isNoun(text: string): text is keyof typeof auditWords.nouns {
  return text in auditWords.nouns;
}

function isAct(text: string): text is keyof typeof auditWords.acts {
  return Object.hasOwn(auditWords.acts, text);
}

function isVerb(text: string): text is keyof typeof auditWords.verbs {
  return text in auditWords.verbs;
}
