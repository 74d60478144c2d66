import { partitionOf } from "../partition-of.ts";
import type { Recorded } from "../port.ts";

/**
 * Records as a text for each column, which PostgreSQL takes apart itself (`columnArrays`): to write arrays in their own
 * form, where each quote of a JSON text is escaped, takes this process ten times as long.
 */
export function recordColumns(records: readonly Recorded[], partitions: number): readonly string[] {
  const separator = separatorFor(records);
  const column = (texts: readonly string[]): string => separator + texts.join(separator);
  return [
    records.map(({ key }) => partitionOf(key, partitions)).join(","),
    separator,
    column(records.map(({ key }) => key)),
    column(records.map(({ body }) => body)),
    column(records.map(({ trace }) => trace ?? "")),
  ];
}

/** The four arrays in SQL; `$first` is the first of the five values that `recordColumns` gives. */
export function columnArrays(first: number): string {
  const [separator, keys, bodies, traces] = [1, 2, 3, 4].map((next) => `$${first + next}`);
  // Without the separator that each begins with, one empty text would be no text at all.
  return `string_to_array($${first}, ',')::int[],
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
