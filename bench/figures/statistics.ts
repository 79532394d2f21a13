/** The middle value, or the mean of the two in the middle. NaN of nothing. */
export function median(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort();
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** The least value that a share of all values does not exceed. NaN of nothing. */
function percentile(sorted: Float64Array, share: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

export interface Spread {
  count: number;
  p50: number;
  p95: number;
  p99: number;
  most: number;
}

/** Sorts in place. */
export function spreadOf(values: Float64Array): Spread {
  values.sort();
  return {
    count: values.length,
    p50: percentile(values, 0.5),
    p95: percentile(values, 0.95),
    p99: percentile(values, 0.99),
    most: percentile(values, 1),
  };
}

export interface Ratio {
  ratio: number;
  /** Between these it lies nine times in ten, as far as the pairs tell. */
  from: number;
  to: number;
}

/** Of a normal distribution nine tenths lie so many deviations from its middle. */
const NINE_TENTHS = 1.645;

/** How many times as large the second of a pair is: the geometric mean of many pairs, and how sure it is. */
export function typicalRatio(pairs: readonly (readonly [number, number])[]): Ratio {
  const logs = pairs.map(([first, second]) => Math.log(second / first));
  const mean = logs.reduce((sum, each) => sum + each, 0) / logs.length;
  const squares = logs.reduce((sum, each) => sum + (each - mean) ** 2, 0);
  const error = Math.sqrt(squares / (logs.length - 1) / logs.length);
  return {
    ratio: Math.exp(mean),
    from: Math.exp(mean - NINE_TENTHS * error),
    to: Math.exp(mean + NINE_TENTHS * error),
  };
}
