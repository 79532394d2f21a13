/**
 * How long things took, counted in buckets that grow by a fifth: percentiles of any number of requests
 * from a few dozen integers that can be added up, over hours, endpoints and processes.
 */
export type LatencyHistogram = readonly number[];

/** Four buckets from each power of two to the next. */
const PER_OCTAVE = 4;
const OCTAVES = 18;
const LAST = PER_OCTAVE * OCTAVES;

/** Bucket 0 holds up to a millisecond, the last one everything above four minutes. */
export function bucketOf(ms: number): number {
  if (ms <= 1) return 0;
  return Math.min(LAST, Math.ceil(Math.log2(ms) * PER_OCTAVE));
}

export function addLatency(buckets: number[], ms: number): void {
  const bucket = bucketOf(ms);
  while (buckets.length <= bucket) buckets.push(0);
  buckets[bucket] = (buckets[bucket] ?? 0) + 1;
}

/** Several histograms, bucket by bucket. */
export function sumLatencies(histograms: readonly LatencyHistogram[]): LatencyHistogram {
  const sum: number[] = [];
  for (const histogram of histograms) {
    for (const [bucket, count] of histogram.entries()) sum[bucket] = (sum[bucket] ?? 0) + count;
  }
  return sum;
}

/**
 * The time, in whole milliseconds, within which this share (0 to 1) was done; null of nothing. Off by less
 * than a bucket, which is a fifth.
 */
export function percentileOf(histogram: LatencyHistogram, share: number): number | null {
  const total = histogram.reduce((sum, count) => sum + count, 0);
  if (total === 0) return null;
  const wanted = share * total;
  let below = 0;
  for (const [bucket, count] of histogram.entries()) {
    if (count > 0 && below + count >= wanted) {
      const [from, to] = [lowerBound(bucket), upperBound(bucket)];
      return Math.max(1, Math.round(from + ((to - from) * (wanted - below)) / count));
    }
    below += count;
  }
  return Math.round(upperBound(histogram.length - 1));
}

function upperBound(bucket: number): number {
  return 2 ** (bucket / PER_OCTAVE);
}

function lowerBound(bucket: number): number {
  return bucket === 0 ? 0 : upperBound(bucket - 1);
}
