import { RANGES, type Range } from "../../api/series.ts";
import { partWords } from "../../words/index.ts";
import { Segments } from "../controls/segments.tsx";

/** How far back what is shown looks. */
export function RangeSwitch({
  range,
  onChange,
}: {
  range: Range;
  /** Undefined for what is meant where nothing is said. */
  onChange(range: Range | undefined): void;
}) {
  return (
    <Segments<Range>
      label={partWords.chart.range}
      value={range}
      options={RANGES.map((value) => ({ value, label: partWords.chart.ranges[value] }))}
      onChange={(value) => onChange(value === USUAL ? undefined : value)}
    />
  );
}

export const USUAL: Range = "24h";
