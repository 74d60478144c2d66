import { partitionOf } from "../partition-of.ts";
import type { Recorded } from "../port.ts";

/**
 * Records as a text for each column, which PostgreSQL takes apart itself (`columnArrays`): to write arrays in their own
 * form, where each quote of a JSON text is escaped, takes this process ten times as long.
 */
export function recordColumns(records: readonly Recorded[], partitions: number): readonly string[] {
  const separator = separatorFor(records);
  const column = (texts: readonly string[]): string => separator + texts.join(separator);
  const counts = new Array<number>(partitions).fill(0);
  const partitionsOfAll = records.map(({ key }) => partitionOf(key, partitions));
  const places = partitionsOfAll.map((partition) => {
    const place = counts[partition] ?? 0;
    counts[partition] = place + 1;
    return place;
  });
  return [
    partitionsOfAll.join(","),
    places.join(","),
    separator,
    column(records.map(({ key }) => key)),
    column(records.map(({ body }) => body)),
    column(records.map(({ trace }) => trace ?? "")),
  ];
}

/**
 * Five arrays in SQL: partition, place among the records of that partition, key, body and trace. `$first` is the first of
 * the six values that `recordColumns` gives.
 */
export function columnArrays(first: number): string {
  const [separator, keys, bodies, traces] = [2, 3, 4, 5].map((next) => `$${first + next}`);
  // Without the separator that each begins with, one empty text would be no text at all.
  return `string_to_array($${first}, ',')::int[],
    string_to_array($${first + 1}, ',')::int[],
    (string_to_array(${keys}, ${separator}))[2:],
    (string_to_array(${bodies}, ${separator}))[2:],
    (string_to_array(${traces}, ${separator}, ''))[2:]`;
}

/** Stands in none of the texts. JSON has no such character, keys hardly ever. */
function separatorFor(records: readonly Recorded[]): string {
  const isIn = (separator: string): boolean =>
    records.some(({ key, body, trace = "" }) => [key, body, trace].some((text) => text.includes(separator)));
  let separator = "\u001f";
  // It begins with a character that is nowhere else in it, so that none can arise where it meets a text.
  for (let count = 1; isIn(separator); count += 1) separator = `\u001e${count}\u001f`;
  return separator;
}
