/** Words are English on these pages, so dates are too, in the reader's own English where there is one. */
const wordsLocale = navigator.languages.find((language) => language.startsWith("en")) ?? "en-GB";

const whole = new Intl.NumberFormat();
const compact = new Intl.NumberFormat(undefined, { notation: "compact", maximumFractionDigits: 1 });
const percent = new Intl.NumberFormat(undefined, { style: "percent", maximumFractionDigits: 0 });
const relative = new Intl.RelativeTimeFormat(wordsLocale, { numeric: "auto", style: "short" });
const exact = new Intl.DateTimeFormat(wordsLocale, { dateStyle: "full", timeStyle: "long" });
const dayOfYear = new Intl.DateTimeFormat(wordsLocale, { day: "numeric", month: "short" });
const dayAndYear = new Intl.DateTimeFormat(wordsLocale, { day: "numeric", month: "short", year: "numeric" });

const secondMs = 1_000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** `12,048`, grouped as the reader's locale does it. */
export function formatCount(count: number): string {
  return whole.format(count);
}

/** `12K`, for where the whole number is a hover away. */
export function formatCompact(count: number): string {
  return compact.format(count);
}

/** `42%` of a whole; what is there but below a half percent is `<1%`. */
export function formatShare(part: number, of: number): string {
  if (of === 0 || part === 0) return percent.format(0);
  const share = part / of;
  return share < 0.005 ? `<${percent.format(0.01)}` : percent.format(share);
}

/** `12 min. ago` up to a week, then the date. Times less than ten seconds away are `now`. */
export function formatRelative(atMs: number, nowMs: number): string {
  const awayMs = atMs - nowMs;
  const distanceMs = Math.abs(awayMs);
  if (distanceMs < 10 * secondMs) return "now";
  if (distanceMs < minuteMs) return relative.format(Math.trunc(awayMs / secondMs), "second");
  if (distanceMs < hourMs) return relative.format(Math.trunc(awayMs / minuteMs), "minute");
  if (distanceMs < dayMs) return relative.format(Math.trunc(awayMs / hourMs), "hour");
  if (distanceMs < 7 * dayMs) return relative.format(Math.trunc(awayMs / dayMs), "day");
  return formatDate(atMs, nowMs);
}

/** `24 Oct`, with its year where that is not the present one. */
export function formatDate(atMs: number, nowMs: number): string {
  const sameYear = new Date(atMs).getFullYear() === new Date(nowMs).getFullYear();
  return (sameYear ? dayOfYear : dayAndYear).format(atMs);
}

/** Date, time and zone in full. */
export function formatExact(atMs: number): string {
  return exact.format(atMs);
}

/** A length of time in its one or two largest units: `45 s`, `12 min`, `2 h 5 min`, `3 d`. */
export function formatDuration(durationMs: number): string {
  if (durationMs < secondMs) return `${Math.round(durationMs)} ms`;
  if (durationMs < minuteMs) return `${Math.round(durationMs / secondMs)} s`;
  if (durationMs < hourMs) return `${Math.round(durationMs / minuteMs)} min`;
  if (durationMs >= 2 * dayMs) return `${Math.round(durationMs / dayMs)} d`;
  const hours = Math.floor(durationMs / hourMs);
  const minutes = Math.round((durationMs - hours * hourMs) / minuteMs);
  return minutes === 0 ? `${hours} h` : `${hours} h ${minutes} min`;
}

/** Formats times as a chart's axis and tooltip need them. */
export function timeFormatter(options: Intl.DateTimeFormatOptions): (atMs: number) => string {
  const format = new Intl.DateTimeFormat(wordsLocale, options);
  return (atMs) => format.format(atMs);
}
