import { number } from "../../words/format.ts";

/** One bar an hour: how much came through, failures in red from below. */
export function HourBars({
  hours,
  label,
}: {
  /** Oldest first. */
  hours: readonly { delivered: number; failed: number }[];
  label: string;
}) {
  const most = Math.max(1, ...hours.map(({ delivered, failed }) => delivered + failed));
  const height = 16;
  return (
    <svg width={hours.length * 5.5} height={height} role="img" aria-label={label} className="block">
      {hours.map(({ delivered, failed }, n) => {
        const all = delivered + failed;
        const full = all === 0 ? 1 : Math.max(3, (all / most) * height);
        const red = all === 0 ? 0 : failed === 0 ? 0 : Math.max(2, (failed / all) * full);
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: an hour is its place
          <g key={n}>
            <title>{`${number(delivered)} / ${number(failed)}`}</title>
            <rect
              x={n * 5.5}
              y={height - full}
              width={4}
              height={full - red}
              fill="var(--pending-solid)"
            />
            <rect x={n * 5.5} y={height - red} width={4} height={red} fill="var(--dead-solid)" />
          </g>
        );
      })}
    </svg>
  );
}
