export interface Interleaving<Side, Sample> {
  readonly sides: Readonly<Record<string, Side>>;
  readonly rounds: number;
  readonly measure: (side: Side, name: string) => Promise<Sample>;
  readonly progress: (says: string) => void;
}

/**
 * Measures every side once a round, so that whatever else the machine does meets all of them alike. Each round begins
 * with another side, so that none always comes after the same one.
 */
export async function interleave<Side, Sample>({
  sides,
  rounds,
  measure,
  progress,
}: Interleaving<Side, Sample>): Promise<Readonly<Record<string, readonly Sample[]>>> {
  const entries = Object.entries(sides);
  const samples = new Map<string, Sample[]>(entries.map(([name]) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    const first = round % entries.length;
    for (const [name, side] of [...entries.slice(first), ...entries.slice(0, first)]) {
      progress(`round ${round + 1} of ${rounds}: ${name}`);
      samples.get(name)?.push(await measure(side, name));
    }
  }
  return Object.fromEntries(samples);
}
