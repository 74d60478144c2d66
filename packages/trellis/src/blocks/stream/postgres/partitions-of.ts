/** The partitions of one member: every instance that knows the same members shares them out in the same way. */
export function partitionsOf(member: string, members: readonly string[], partitions: number): readonly number[] {
  const sorted = [...members].sort();
  const place = sorted.indexOf(member);
  if (place < 0) return [];
  const shares: number[] = [];
  for (let partition = place; partition < partitions; partition += sorted.length) shares.push(partition);
  return shares;
}
