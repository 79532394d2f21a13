/** A series of a chart; its colour is a token: `delivered-solid`. */
export interface Series {
  label: string;
  colour: string;
  values: readonly number[];
  /** `area` and `line` above the axis, `bars` from it up, `fall` as bars below it. */
  shape: "area" | "line" | "bars" | "fall";
}

export interface ChartData {
  /** Seconds since 1970, rising. */
  times: readonly number[];
  series: readonly Series[];
  /** The last point is not over yet: what is drawn as a line or an area ends before it. */
  grows?: boolean;
  /** Incidents: tinted spans with a name. */
  bands?: readonly { from: number; to: number; label: string; tone: "dead" | "retrying" }[];
}
