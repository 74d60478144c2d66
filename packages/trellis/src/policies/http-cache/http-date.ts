const months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const time = "(\\d{2}):(\\d{2}):(\\d{2})";
const weekday = "(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)";
const longWeekday = "(?:Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)";
const month = `(${months.join("|")})`;
const imfFixdate = new RegExp(`^${weekday}, (\\d{2}) ${month} (\\d{4}) ${time} GMT$`, "i");
const rfc850 = new RegExp(`^${longWeekday}, (\\d{2})-${month}-(\\d{2}) ${time} GMT$`, "i");
const asctime = new RegExp(`^${weekday} ${month} ((?: |\\d)\\d) ${time} (\\d{4})$`, "i");

/**
 * Milliseconds since 1970 of a date in one of the three forms of RFC 9110 §5.6.7; undefined for anything else. Case
 * does not count (RFC 9111 §4.2), everything else does: a date that is read wrongly makes something fresh that is not.
 *
 * @param now - decides the century of the form with two digits for the year: none is over 50 years ahead
 */
export function parseHttpDate(value: string, now: number): number | undefined {
  const fixed = imfFixdate.exec(value);
  if (fixed) return fromParts(fixed[3], fixed[2], fixed[1], fixed[4], fixed[5], fixed[6]);
  const old = rfc850.exec(value);
  if (old) return fromParts(fullYear(Number(old[3]), now), old[2], old[1], old[4], old[5], old[6]);
  const ansi = asctime.exec(value);
  if (ansi) return fromParts(ansi[6], ansi[1], ansi[2], ansi[3], ansi[4], ansi[5]);
  return undefined;
}

/** In the preferred form, `Sun, 06 Nov 1994 08:49:37 GMT`. */
export function formatHttpDate(ms: number): string {
  return new Date(ms).toUTCString();
}

type Part = string | number | undefined;

function fromParts(year: Part, monthName: Part, day: Part, hours: Part, minutes: Part, seconds: Part) {
  const h = Number(hours);
  const m = Number(minutes);
  // 60 is a leap second.
  const s = Number(seconds);
  if (h > 23 || m > 59 || s > 60) return undefined;
  const monthIndex = months.indexOf(String(monthName).toLowerCase());
  const ms = Date.UTC(Number(year), monthIndex, Number(day), h, m, s);
  // 31 February would become 3 March.
  return new Date(Date.UTC(Number(year), monthIndex, Number(day))).getUTCMonth() === monthIndex ? ms : undefined;
}

function fullYear(twoDigits: number, now: number): number {
  const thisYear = new Date(now).getUTCFullYear();
  const year = thisYear - (thisYear % 100) + twoDigits;
  return year > thisYear + 50 ? year - 100 : year;
}
