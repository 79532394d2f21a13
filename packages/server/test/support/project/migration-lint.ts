/** What a migration must not do while processes of the release before run on, and why. */
const INCOMPATIBLE: ReadonlyArray<readonly [pattern: RegExp, why: string]> = [
  [/\bdrop\s+(table|column|schema|sequence|type|view)\b/, "the release before still uses it"],
  [/\bdrop\s+constraint\s+\w+_(pkey|key)\b/, "the release before names it in on conflict"],
  [/\bdrop\s+default\b/, "the release before leaves it out"],
  [/\brename\b/, "the release before knows the old name alone"],
  [/\balter\s+column\s+\w+\s+(set\s+data\s+)?type\b/, "the release before reads the old type"],
  [/\bset\s+not\s+null\b/, "the release before may write null"],
  [
    /\badd\s+column\s+(if\s+not\s+exists\s+)?(?:(?!,|\bdefault\b|\bgenerated\b)[\s\S])*\bnot\s+null\b(?!(?:(?!,\s*add)[\s\S])*\b(default|generated)\b)/,
    "the release before inserts rows without it: give it a default",
  ],
  [
    /\badd\s+(constraint\s+\w+\s+)?(check|unique|foreign\s+key|exclude|primary\s+key)\b/,
    "the release before may write what it refuses",
  ],
  [/\b(truncate|delete\s+from)\b/, "the release before may still need the rows"],
  [/\block\s+table\b/, "the release before would stand still"],
];

/**
 * Tables that were there before and that a migration changes, each of which it holds until it is done:
 * with two of them it stands in the way of whoever has one and waits for the other.
 */
export function changedTablesIn(sql: string): string[] {
  const made = new Set([...sql.matchAll(/create\s+table\s+(\w+)/gi)].map(([, name]) => name));
  const changed = [
    ...sql.matchAll(/\balter\s+table\s+(?:only\s+)?(\w+)/gi),
    ...sql.matchAll(/\bcreate\s+(?:unique\s+)?index\s+\w+\s+on\s+(?:only\s+)?(\w+)/gi),
  ].flatMap(([, name]) => (name === undefined || made.has(name) ? [] : [name.toLowerCase()]));
  return [...new Set(changed)];
}

/** Tables with a partition a day, which may be large. */
const OF_DAYS = "event|delivery|attempt|message|media|unroutable";

/** Indexes that would be made for all days at once, while everybody who writes to them waits. */
export function slowIndexesIn(sql: string): string[] {
  const made = new RegExp(`\\bcreate\\s+index\\s+(\\w+)\\s+on\\s+(?:${OF_DAYS})\\b`, "gi");
  return [...sql.matchAll(made)].flatMap(([, name]) => (name === undefined ? [] : [name]));
}

/** How a statement is marked whose object the release before has stopped using: `-- unused since 1.4`. */
const UNUSED = /^\s*--\s*unused since \d+\.\d+/m;

/** What an old process could not live with in a migration's SQL, in words; none when it is compatible. */
export function incompatibilitiesIn(sql: string): string[] {
  const made = new Set([...sql.matchAll(/create\s+table\s+(\w+)/gi)].map(([, name]) => name));
  return sql.split(";").flatMap((text) => {
    if (UNUSED.test(text)) return [];
    const statement = text
      .replace(/--.*$/gm, "")
      .replace(/'(?:[^']|'')*'/g, "''")
      .trim()
      .toLowerCase();
    // What the same migration has made, nobody uses yet.
    const altered = /^alter\s+table\s+(?:only\s+)?(\w+)/.exec(statement)?.[1];
    const unique = /^create\s+unique\s+index\s+\w+\s+on\s+(\w+)/.exec(statement)?.[1];
    const table = altered ?? unique;
    if ((table !== undefined && made.has(table)) || statement.startsWith("create table")) return [];
    const why = INCOMPATIBLE.filter(([pattern]) => pattern.test(statement)).map(
      ([, words]) => words,
    );
    if (unique !== undefined) why.push("the release before may write what it refuses");
    return why.map((words) => `${statement.split("\n")[0]}: ${words}`);
  });
}
