import type { Counts } from "./tally.ts";

/** Numbers as PostgreSQL reads an array. As one text it costs a tenth of what a list of values does. */
export function numberArray(numbers: readonly number[]): string {
  return `{${numbers.join(",")}}`;
}

/** Texts as PostgreSQL reads an array. */
export function textArray(texts: readonly string[]): string {
  return `{${texts.map(quoted).join(",")}}`;
}

export function byteArray(all: readonly Uint8Array[]): string {
  return `{${all.map((bytes) => `"\\\\x${Buffer.from(bytes).toString("hex")}"`).join(",")}}`;
}

function quoted(text: string): string {
  return `"${text.replaceAll(/["\\]/g, "\\$&")}"`;
}

/** One array for each series. */
export function countArrays(rows: readonly { readonly counts: Counts }[]): readonly string[] {
  return [0, 1, 2, 3].map((place) => numberArray(rows.map(({ counts }) => counts[place] ?? 0)));
}
