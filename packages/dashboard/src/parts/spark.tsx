/** The shape of a few numbers; what it says stands in words beside it. */
export function Spark({
  values,
  label,
  width = 68,
  height = 18,
}: {
  values: readonly number[];
  label: string;
  width?: number;
  height?: number;
}) {
  const most = Math.max(1, ...values);
  const step = width / Math.max(1, values.length - 1);
  const points = values.map(
    (value, n) =>
      `${(n * step).toFixed(1)},${(height - 1 - (value / most) * (height - 2)).toFixed(1)}`,
  );
  return (
    <svg
      width={width}
      height={height}
      role="img"
      aria-label={label}
      className="block text-chart-neutral"
    >
      <polyline points={points.join(" ")} fill="none" stroke="currentColor" strokeWidth={1.25} />
    </svg>
  );
}
