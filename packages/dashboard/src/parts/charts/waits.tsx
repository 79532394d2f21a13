import { wait } from "../../words/format.ts";

/** A schedule: a ring for each request, the waits between them. */
export function Waits({ seconds, end }: { seconds: readonly number[]; end?: string }) {
  const shown = seconds.length > 8 ? [...seconds.slice(0, 7), seconds.at(-1) ?? 0] : seconds;
  return (
    <ol className="tnum flex items-end text-2xs whitespace-nowrap text-fg-2">
      <Ring />
      {shown.map((each, n) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a wait is its place
        <li key={n} className="flex min-w-0 flex-1 items-end">
          <span className="relative min-w-7 flex-1 pb-3.5 text-center after:absolute after:inset-x-0.5 after:bottom-1.5 after:h-[1.5px] after:bg-border-strong">
            {seconds.length > 8 && n === 7 ? "…" : wait(each).replace(" ", "\u00a0")}
          </span>
          <Ring />
        </li>
      ))}
      {end !== undefined && <li className="mb-0.5 pl-2.5 text-dead">{end}</li>}
    </ol>
  );
}

function Ring() {
  return (
    <span
      aria-hidden
      className="mb-0.75 size-1.75 flex-none rounded-full border-[1.5px] border-border-control bg-surface"
    />
  );
}
