import { expect, test } from "vitest";
import { formatHttpDate } from "./http-date.ts";
import { type AskedWith, decideStoring, isKept, type Keeping } from "./storing.ts";

const now = Date.UTC(2026, 0, 1);
const date = formatHttpDate(now);
const nobody: AskedWith = { authorized: false, noStore: false, conditional: false };
const anHourAgo = formatHttpDate(now - 3_600_000);

function decide(headers: readonly string[], { status = 200, asked = nobody, delayMs = 0 } = {}) {
  return decideStoring(asked, status, headers, { requestedMs: now - delayMs, answeredMs: now });
}

function kept(headers: readonly string[], options?: Parameters<typeof decide>[1]): Keeping {
  const decision = decide(headers, options);
  if (!isKept(decision)) throw new Error(`It is not kept: ${decision.because}`);
  return decision;
}

function because(headers: readonly string[], options?: Parameters<typeof decide>[1]) {
  const decision = decide(headers, options);
  return isKept(decision) ? "kept" : decision.because;
}

const freshSeconds = (headers: readonly string[], options?: Parameters<typeof decide>[1]) =>
  (kept(headers, options).freshUntilMs - now) / 1_000;

test("RFC 9111 §4.2.1: s-maxage counts before max-age, max-age before Expires", () => {
  const expires = formatHttpDate(now + 30_000);
  expect(freshSeconds(["cache-control", "max-age=20, s-maxage=10", "expires", expires, "date", date])).toBe(10);
  expect(freshSeconds(["cache-control", "max-age=20", "expires", expires, "date", date])).toBe(20);
  expect(freshSeconds(["expires", expires, "date", date])).toBe(30);
});

test("RFC 9111 §4.2.1: Expires is counted from Date, and from now where that is absent", () => {
  const expires = formatHttpDate(now + 30_000);
  expect(freshSeconds(["expires", expires, "date", formatHttpDate(now + 10_000)])).toBe(20);
  expect(freshSeconds(["expires", expires])).toBe(30);
  expect(freshSeconds(["expires", expires, "date", "yesterday"])).toBe(30);
});

test("RFC 9111 §5.3: an Expires that cannot be read lies in the past", () => {
  expect(because(["expires", "0", "date", date])).toBe("no-freshness");
  expect(freshSeconds(["expires", "0", "date", date, "etag", '"a"'])).toBeLessThan(0);
});

test("RFC 9111 §5.3: two Expires cannot be read either", () => {
  const expires = formatHttpDate(now + 30_000);
  expect(because(["expires", expires, "expires", expires])).toBe("no-freshness");
});

test("RFC 9111 §4.2.2: without a word an answer is fresh for a tenth of the time since its last change", () => {
  expect(freshSeconds(["last-modified", anHourAgo, "date", date])).toBe(360);
});

test("RFC 9111 §4.2.2: a guess is never longer than a day", () => {
  expect(freshSeconds(["last-modified", formatHttpDate(now - 400 * 86_400_000), "date", date])).toBe(86_400);
});

test("RFC 9111 §4.2.2: what was last changed in the future is not fresh", () => {
  expect(freshSeconds(["last-modified", formatHttpDate(now + 1_000), "date", date])).toBe(0);
});

test("RFC 9110 §15.1: only some statuses are kept without a word", () => {
  const modified = ["last-modified", anHourAgo, "date", date];
  for (const status of [200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501])
    expect([status, because(modified, { status })]).toEqual([status, "kept"]);
  for (const status of [201, 202, 302, 307, 400, 403, 418, 500, 502, 503, 504, 599])
    expect([status, because(modified, { status })]).toEqual([status, "status"]);
});

test("RFC 9111 §5.2.2.9: public lets a guess be made of any status", () => {
  expect(freshSeconds(["cache-control", "public", "last-modified", anHourAgo, "date", date], { status: 599 })).toBe(
    360,
  );
});

test("RFC 9111 §3: with a word for how long every final status is kept", () => {
  for (const status of [200, 201, 302, 307, 400, 403, 404, 418, 500, 503, 599])
    expect([status, because(["cache-control", "max-age=5"], { status })]).toEqual([status, "kept"]);
  expect(because(["cache-control", "max-age=5"], { status: 304 })).toBe("status");
});

test("RFC 9111 §3: what is neither fresh nor can be asked about is not kept", () => {
  expect(because([])).toBe("no-freshness");
  expect(because(["cache-control", "max-age=0"])).toBe("no-freshness");
  expect(because(["etag", '"a"'])).toBe("kept");
});

test("RFC 9111 §5.2.2.5: no-store forbids keeping, whatever else is said", () => {
  expect(because(["cache-control", "max-age=5, no-store, public"])).toBe("no-store");
});

test("RFC 9111 §5.2.2.3: must-understand lifts no-store for a status that is understood", () => {
  const headers = ["cache-control", "max-age=5, no-store, must-understand"];
  expect(because(headers)).toBe("kept");
  expect(because(headers, { status: 599 })).toBe("no-store");
});

test("RFC 9111 §5.2.2.7: a shared cache keeps nothing private, and leaves out private fields", () => {
  expect(because(["cache-control", "private, max-age=5"])).toBe("private");
  expect(kept(["cache-control", 'private="X-A", max-age=5']).omitted).toEqual(["x-a"]);
});

test("RFC 9111 §5.2.2.4: no-cache is kept to be asked about, and leaves out fields where it names some", () => {
  expect(kept(["cache-control", "no-cache, max-age=5", "etag", '"a"'])).toMatchObject({
    alwaysValidate: true,
    neverStale: true,
  });
  expect(because(["cache-control", "no-cache, max-age=5"])).toBe("no-freshness");
  expect(kept(["cache-control", 'no-cache="set-cookie", max-age=5'])).toMatchObject({
    alwaysValidate: false,
    omitted: ["set-cookie"],
  });
});

test("RFC 9111 §3.5: an answer to a request with Authorization is kept only where it says so", () => {
  const asked = { ...nobody, authorized: true };
  expect(because(["cache-control", "max-age=5"], { asked })).toBe("authorization");
  for (const word of ["public", "must-revalidate", "s-maxage=5"])
    expect([word, because(["cache-control", `max-age=5, ${word}`], { asked })]).toEqual([word, "kept"]);
});

test("RFC 9111 §5.2.1.5: what is asked for with no-store is not kept", () => {
  expect(because(["cache-control", "max-age=5"], { asked: { ...nobody, noStore: true } })).toBe("no-store");
});

test("RFC 9111 §4.1: what varies by everything is not kept", () => {
  expect(because(["cache-control", "max-age=5", "vary", "accept, *"])).toBe("vary");
});

test("RFC 9111 §7.3: an answer that sets a cookie is kept only where shared caches are told so", () => {
  for (const control of ["max-age=5", "no-cache", ""])
    expect([control, because(["cache-control", control, "set-cookie", "a=b", "etag", '"a"'])]).toEqual([
      control,
      "cookie",
    ]);
  expect(because(["last-modified", anHourAgo, "set-cookie", "a=b"])).toBe("cookie");
  expect(because(["cache-control", "max-age=5, public", "set-cookie", "a=b"])).toBe("kept");
  expect(because(["cache-control", "s-maxage=5", "set-cookie", "a=b"])).toBe("kept");
  expect(because(["cdn-cache-control", "max-age=5", "set-cookie", "a=b"])).toBe("kept");
});

test("RFC 9111 §5.2.2.4, §5.2.2.7: a cookie that is named as not for others is left out, and the rest kept", () => {
  for (const control of ['max-age=5, no-cache="Set-Cookie"', 'max-age=5, private="set-cookie"'])
    expect(kept(["cache-control", control, "set-cookie", "a=b"]).omitted).toEqual(["set-cookie"]);
});

test("RFC 9110 §9.3.3: where only a word for how long counts, nothing is guessed", () => {
  const asked = { ...nobody, explicitOnly: true };
  const modified = ["last-modified", anHourAgo, "date", date];
  expect(because(modified, { asked })).toBe("no-freshness");
  expect(because(["cache-control", "public", ...modified], { asked })).toBe("no-freshness");
  for (const said of [
    ["cache-control", "max-age=5"],
    ["expires", formatHttpDate(now + 5_000)],
  ])
    expect(freshSeconds([...said, ...modified], { asked })).toBe(5);
});

test("RFC 9110 §15.5.13, §15.5.17: an answer to a precondition or a range is not one to others", () => {
  const asked = { ...nobody, conditional: true };
  expect(because(["cache-control", "max-age=5"], { status: 412, asked })).toBe("conditional");
  expect(because(["cache-control", "max-age=5"], { status: 416, asked })).toBe("conditional");
});

test("RFC 9111 §4.2.3: the age is the larger of what Date and what Age say, with the way it came", () => {
  const seconds = (headers: readonly string[], delayMs = 0) =>
    (now - kept([...headers, "cache-control", "max-age=1000"], { delayMs }).madeMs) / 1_000;
  expect(seconds(["date", formatHttpDate(now - 7_000), "age", "3"])).toBe(7);
  expect(seconds(["date", formatHttpDate(now - 2_000), "age", "3"], 4_000)).toBe(7);
  expect(seconds(["date", formatHttpDate(now + 5_000)])).toBe(0);
});

test("RFC 9111 §5.1: of several ages the first counts, and what is no number counts for nothing", () => {
  const age = (...lines: string[]) =>
    (now - kept([...lines.flatMap((line) => ["age", line]), "cache-control", "max-age=100"]).madeMs) / 1_000;
  expect(age("7", "0")).toBe(7);
  expect(age("7, 0")).toBe(7);
  expect(age("0, 7200")).toBe(0);
  for (const wrong of ["-7", "7.0", "a7", "7;a=b", '"7"', ""]) expect([wrong, age(wrong)]).toEqual([wrong, 0]);
});

test("RFC 9213 §2.2: a targeted field decides alone, against Cache-Control and Expires", () => {
  expect(freshSeconds(["cache-control", "no-store", "cdn-cache-control", "max-age=9"])).toBe(9);
  expect(because(["cache-control", "max-age=9", "cdn-cache-control", "no-store"])).toBe("no-store");
  expect(because(["cache-control", "max-age=9", "cdn-cache-control", "private"])).toBe("private");
  const expires = formatHttpDate(now + 30_000);
  expect(because(["cdn-cache-control", "max-age=0", "expires", expires])).toBe("no-freshness");
  expect(because(["cdn-cache-control", "public", "expires", expires])).toBe("no-freshness");
});

test("RFC 9213 §2.1: a targeted field that is no dictionary counts for nothing", () => {
  for (const broken of ["max-age=9, &&&", "MaX-aGe=9", "max-age =9", "max-age= 9", ""])
    expect([broken, because(["cache-control", "no-store", "cdn-cache-control", broken])]).toEqual([broken, "no-store"]);
});

test("RFC 9213 §2.1: a value of the wrong type is as if its directive were absent", () => {
  for (const wrong of ['"9"', "9.5", "?1", "nine"])
    expect([wrong, because(["cdn-cache-control", `max-age=${wrong}`])]).toEqual([wrong, "no-freshness"]);
});
