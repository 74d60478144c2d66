/** Freezes plain objects and lists through and through, so that whoever changes a shared value finds out. */
export function freezeDeeply(value: unknown): void {
  if (typeof value !== "object" || value === null) return;
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== Array.prototype && prototype !== null) return;
  Object.freeze(value);
  for (const part of Object.values(value)) freezeDeeply(part);
}
