import "./sparkline.css";

interface SparklineProps {
  /** From the oldest to the latest. */
  readonly values: readonly number[];
}

const width = 96;
const height = 24;
/** Room for the line's own thickness. */
const margin = 1.5;

/** The course of a few values, starting at zero. Decoration for the eye: the number beside it says what counts. */
export function Sparkline({ values }: SparklineProps) {
  const highest = Math.max(...values, 1);
  const step = width / Math.max(values.length - 1, 1);
  const points = values.map((value, index) => {
    const y = height - margin - (value / highest) * (height - 2 * margin);
    return `${(index * step).toFixed(1)} ${y.toFixed(1)}`;
  });
  const line = `M${points.join("L")}`;
  const quiet = values.every((value) => value === 0);
  return (
    <svg
      className="sparkline"
      data-quiet={quiet || undefined}
      viewBox={`0 0 ${width} ${height}`}
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      {quiet ? null : <path className="sparkline-area" d={`${line}V${height}H0Z`} />}
      <path className="sparkline-line" d={line} />
    </svg>
  );
}
