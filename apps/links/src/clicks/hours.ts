/** Whole hours and days of UTC, by their number since 1970-01-01T00:00Z: how counts are kept. */
export const hourMs = 3_600_000;
export const hoursOfDay = 24;

/** The hour that a moment lies in. */
export function hourOf(ms: number): number {
  return Math.floor(ms / hourMs);
}

/** The day that a moment lies in. */
export function dayOf(ms: number): number {
  return Math.floor(ms / (hourMs * hoursOfDay));
}

/** When an hour begins, as it is sent. */
export function hourStart(hour: number): string {
  return new Date(hour * hourMs).toISOString();
}
