/**
 * Where events of this key go, the same for ever: FNV-1a over the key's UTF-16 units (Fowler, Noll, Vo), its bits mixed once
 * more as MurmurHash3 does at its end, since FNV's low bits follow the last letters.
 */
export function partitionOf(key: string, partitions: number): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < key.length; index += 1) hash = Math.imul(hash ^ key.charCodeAt(index), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) % partitions;
}
