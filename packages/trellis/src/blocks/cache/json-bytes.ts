/** About how much room a value takes: the length of its JSON. Big integers count as their digits. */
export function jsonBytes(value: unknown): number {
  try {
    return JSON.stringify(value)?.length ?? 0;
  } catch {
    return JSON.stringify(value, (_, part) => (typeof part === "bigint" ? String(part) : part))?.length ?? 0;
  }
}
