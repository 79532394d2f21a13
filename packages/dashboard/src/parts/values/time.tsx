import { age, ago, clock, exact, moment, wait } from "../../words/format.ts";
import { useTicking } from "../../words/ticking.ts";
import { cx } from "../class-names.ts";

interface TimeProps {
  /** RFC 3339, as the API gives it. */
  at: string;
  className?: string;
}

/** How long ago, for a column: `8 m`. The exact time is in its title. */
export function Age({ at, className }: TimeProps) {
  const ms = Date.parse(at);
  const text = useTicking((now) => age(ms, now));
  return (
    <time dateTime={at} title={exact(ms)} className={cx("whitespace-nowrap", className)}>
      {text}
    </time>
  );
}

/** In a sentence or among properties: `8 minutes ago`. */
export function Ago({ at, className }: TimeProps) {
  const ms = Date.parse(at);
  const text = useTicking((now) => ago(ms, now));
  return (
    <time
      dateTime={at}
      title={exact(ms)}
      className={cx(
        "whitespace-nowrap underline decoration-border-control decoration-dotted underline-offset-3",
        className,
      )}
    >
      {text}
    </time>
  );
}

/** How long until: `13 m 30 s`. What is past says `0 s`. */
export function Until({ at, className }: TimeProps) {
  const ms = Date.parse(at);
  const text = useTicking((now) => wait((ms - now) / 1000));
  return (
    <time dateTime={at} title={exact(ms)} className={cx("whitespace-nowrap", className)}>
      {text}
    </time>
  );
}

/** The time of day, `14:32:07`; with the day when it is not today, `20 Nov, 16:02`. */
export function Moment({ at, className }: TimeProps) {
  const ms = Date.parse(at);
  const text = useTicking((now) => (now - ms < 12 * 3_600_000 ? clock(ms) : moment(ms, now)));
  return (
    <time dateTime={at} title={exact(ms)} className={cx("whitespace-nowrap", className)}>
      {text}
    </time>
  );
}
