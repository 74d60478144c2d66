const units = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1_000],
] as const;

/** A length of time for people, in one unit, rounded down: `250ms`, `12s`, `3h`. */
export function length(ms: number): string {
  const [name, of] = units.find(([, least]) => ms >= least) ?? ["ms", 1];
  return `${Math.floor(ms / of)}${name}`;
}
