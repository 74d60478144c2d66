/** Rows as aligned columns, two spaces apart, without trailing blanks. Numbers are aligned to the right. */
export function table(rows: readonly (readonly (string | number)[])[], indent = ""): string {
  const widths: number[] = [];
  for (const row of rows)
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, String(cell).length);
    });
  return rows
    .map((row) => {
      const cells = row.map((cell, column) => {
        const width = widths[column] ?? 0;
        return typeof cell === "number" ? String(cell).padStart(width) : cell.padEnd(width);
      });
      return `${indent}${cells.join("  ")}`.trimEnd();
    })
    .join("\n");
}
