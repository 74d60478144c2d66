import { formatCompact, formatCount } from "./format.ts";

interface CountProps {
  readonly value: number;
  /** From a million on in short, with the whole number on hover. */
  readonly compact?: boolean;
}

const compactFrom = 1_000_000;

/** A number in figures of one width, grouped by locale. */
export function Count({ value, compact = false }: CountProps) {
  if (!compact || value < compactFrom) return <span className="count">{formatCount(value)}</span>;
  return (
    <span className="count" title={formatCount(value)}>
      {formatCompact(value)}
    </span>
  );
}
