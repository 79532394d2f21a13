import { useQuery } from "@tanstack/react-query";
import { api, type Shape, taken } from "../../api/client.ts";
import { useMe } from "../../api/me.ts";
import { Empty, Failed, Skeleton } from "../../parts/lists/blank.tsx";
import { PageHead } from "../../parts/page-head.tsx";
import { Note } from "../../parts/values/note.tsx";
import { type ShownState, State } from "../../parts/values/state.tsx";
import { number, took } from "../../words/format.ts";
import { healthWords } from "../../words/index.ts";

type Entry = Shape<"Health">["data"][number];

const words = healthWords;
const ASKED_MS = 10_000;
const OUTLINES: Record<Entry["level"], ShownState> = {
  ok: "delivered",
  warning: "retrying",
  critical: "dead",
};

/** Does the server keep up, and if not, what is to be done? */
export function Page() {
  const { is_operator: isOperator } = useMe();
  const { data, error, refetch } = useQuery({
    queryKey: ["health"],
    queryFn: () => taken(api.GET("/v1/health")),
    refetchInterval: ASKED_MS,
    enabled: isOperator,
  });
  const entries = data?.data ?? [];
  const wrong = entries.filter(({ level }) => level !== "ok");
  return (
    <>
      <PageHead
        title={words.title}
        {...(data ? { summary: words.summary(entries.length - wrong.length, entries.length) } : {})}
      >
        {isOperator && <span className="text-xs text-fg-3">{words.asked}</span>}
      </PageHead>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached without a mouse */}
      <div className="min-h-0 flex-1 overflow-auto -outline-offset-2" tabIndex={0}>
        {!isOperator && <Empty title={words.notYours.title}>{words.notYours.text}</Empty>}
        {error && !data && (
          <Failed what={words.title} error={error} onAgain={() => void refetch()} />
        )}
        {isOperator && !data && !error && <Skeleton widths={[280, 420, 360]} />}
        {data && (
          <>
            <p className="px-6 pb-4 text-md text-fg-2 phone:px-4" aria-live="polite">
              {verdictOf(entries)}
            </p>
            <div className="grid gap-2 px-6 pb-4 empty:hidden phone:px-4">
              {wrong.map((entry) => (
                <Told key={entry.name} entry={entry} />
              ))}
            </div>
            <Entries entries={entries} />
          </>
        )}
      </div>
    </>
  );
}

function verdictOf(entries: readonly Entry[]): string {
  const count = (level: Entry["level"]) => entries.filter((each) => each.level === level).length;
  const critical = count("critical");
  if (critical > 0) return words.verdict.critical(critical);
  const warning = count("warning");
  return warning > 0 ? words.verdict.warning(warning) : words.verdict.ok;
}

function Told({ entry }: { entry: Entry }) {
  return (
    <Note tone={entry.level === "critical" ? "bad" : "warning"}>
      <p>
        <b>
          {entry.detail}: <span className="tnum">{valueIn(entry)}</span>
        </b>
      </p>
      <p>{entry.advice}</p>
    </Note>
  );
}

function Entries({ entries }: { entries: readonly Entry[] }) {
  const { columns } = words;
  return (
    <table className="rows border-t border-border" aria-label={words.table}>
      <colgroup>
        <col className="w-28 phone:w-22" />
        <col />
        <col className="w-44 phone:hidden" />
        <col className="w-28 phone:w-24" />
      </colgroup>
      <thead>
        <tr>
          <th scope="col">{columns.level}</th>
          <th scope="col">{columns.what}</th>
          <th scope="col" className="phone:hidden">
            {columns.name}
          </th>
          <th scope="col" data-align="right">
            {columns.value}
          </th>
        </tr>
      </thead>
      <tbody>
        {entries.map((entry) => (
          <tr key={entry.name}>
            <td>
              <State of={OUTLINES[entry.level]}>{words.levels[entry.level]}</State>
            </td>
            <td title={entry.detail} className="phone:py-1.5! phone:whitespace-normal!">
              {entry.detail}
            </td>
            <td className="phone:hidden">
              <code className="text-xs text-fg-3">{entry.name}</code>
            </td>
            <td data-align="right">{valueIn(entry)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function valueIn({ value, unit }: Entry): string {
  if (unit === "seconds") return took(value * 1_000);
  const count = number(Math.round(value));
  return unit === "days" ? words.days(count) : count;
}
