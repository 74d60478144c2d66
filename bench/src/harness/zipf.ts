/**
 * Which of `count` things is asked for, `length` times, by Zipf's law: the second half as often as the first, the third
 * a third as often, and so on. The same each time: chance is Park and Miller's minimal standard generator, seed 1.
 */
export function zipfRanks(count: number, length: number): readonly number[] {
  const cumulative: number[] = [];
  let total = 0;
  for (let rank = 0; rank < count; rank += 1) {
    total += 1 / (rank + 1);
    cumulative.push(total);
  }
  let state = 1;
  return Array.from({ length }, () => {
    state = (state * 48_271) % 0x7fff_ffff;
    return firstAtLeast(cumulative, (state / 0x7fff_ffff) * total);
  });
}

function firstAtLeast(ascending: readonly number[], wanted: number): number {
  let low = 0;
  let high = ascending.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ascending[middle] as number) < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}
