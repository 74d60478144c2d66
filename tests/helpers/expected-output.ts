import { stripVTControlCharacters } from "node:util";

/**
 * Whether `output` is what a guide says: `…` stands for anything within a line, and as a line of its own for any number
 * of lines. Colours, and spaces at the ends of lines, do not count.
 */
export function isExpectedOutput(output: string, expected: string): boolean {
  const pattern = plain(expected)
    .split("\n")
    .map((line) => (line === "…" ? "(?:[^\\n]*\\n)*?" : `${line.split("…").map(literally).join("[^\\n]*")}\\n`));
  return new RegExp(`^${pattern.join("")}$`).test(`${plain(output)}\n`);
}

function literally(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}

function plain(text: string): string {
  return stripVTControlCharacters(text)
    .replaceAll(/[ \t\r]+$/gm, "")
    .replace(/^\n+|\n+$/g, "");
}
