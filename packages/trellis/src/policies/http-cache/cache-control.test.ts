import { describe, expect, test } from "vitest";
import { parseAnswerControl, parseRequestControl, parseSeconds } from "./cache-control.ts";

describe("RFC 9111 §5.2: Cache-Control", () => {
  test("RFC 9111 §5.2: names of directives have no case", () => {
    expect(parseAnswerControl("No-StOrE, MAX-age=5")).toMatchObject({ noStore: true, maxAge: 5 });
  });

  test("RFC 9111 §5.2: a value may be a token or quoted", () => {
    expect(parseAnswerControl('max-age="60"').maxAge).toBe(60);
    expect(parseAnswerControl('s-maxage="6\\0"').sMaxAge).toBe(60);
  });

  test("RFC 9111 §5.2: single quotes are no quotes, so the value cannot be read and counts as stale", () => {
    expect(parseAnswerControl("max-age='3600'").maxAge).toBe(0);
  });

  test("RFC 9111 §5.2: what stands in a quoted string is no directive", () => {
    expect(parseAnswerControl('x="max-age=3600, no-store", max-age=1')).toMatchObject({ maxAge: 1, noStore: false });
    expect(parseAnswerControl('max-age=1, x="a, max-age=3600"').maxAge).toBe(1);
  });

  test("RFC 9111 §5.2: a quoted string without an end hides what follows, and forbids nothing by chance", () => {
    expect(parseAnswerControl('x="no-store, max-age=5').maxAge).toBeUndefined();
  });

  test("RFC 9111 §5.2.3: an unknown directive is read over", () => {
    expect(parseAnswerControl("community=UCI, max-age=7, foo").maxAge).toBe(7);
  });

  test("RFC 9111 §4.2.1: of a directive that comes twice the first counts", () => {
    expect(parseAnswerControl("max-age=1800, max-age=1").maxAge).toBe(1_800);
  });

  test("RFC 9111 §4.2.1: a time that cannot be read counts as stale", () => {
    for (const value of ["a3600", "3600a", "3600.0", "-1", "", " 3600", "0x10", "1e3"])
      expect([value, parseAnswerControl(`max-age=${value}`).maxAge]).toEqual([value, 0]);
  });

  test("RFC 9111 §5.2: a space before the equals sign makes another directive, which is unknown", () => {
    expect(parseAnswerControl("max-age =3600").maxAge).toBeUndefined();
  });

  test("RFC 9111 §1.2.2: a very large number of seconds counts as 2^31", () => {
    expect(parseSeconds("99999999999999999999")).toBe(2 ** 31);
    expect(parseSeconds("003600")).toBe(3_600);
  });

  test("RFC 9111 §5.2.2.4: no-cache and private may name fields instead of forbidding all", () => {
    expect(parseAnswerControl('no-cache="Set-Cookie, X-A", private=x-b')).toMatchObject({
      noCache: ["set-cookie", "x-a"],
      private: ["x-b"],
    });
    expect(parseAnswerControl("no-cache, private")).toMatchObject({ noCache: true, private: true });
    expect(parseAnswerControl('no-cache=""').noCache).toBe(true);
  });

  test("RFC 5861 §3 and §4: how long a stale answer may be given is read", () => {
    expect(parseAnswerControl("stale-while-revalidate=30, stale-if-error=60")).toMatchObject({
      staleWhileRevalidate: 30,
      staleIfError: 60,
    });
  });
});

describe("RFC 9111 §5.2.1: Cache-Control of a request", () => {
  test("RFC 9111 §5.2.1: all that a client may ask is read", () => {
    expect(
      parseRequestControl("max-age=1, min-fresh=2, max-stale=3, no-cache, no-store, only-if-cached", undefined),
    ).toEqual({
      maxAge: 1,
      minFresh: 2,
      maxStale: 3,
      noCache: true,
      noStore: true,
      onlyIfCached: true,
      staleIfError: undefined,
    });
  });

  test("RFC 9111 §5.2.1.2: max-stale without a number takes any age", () => {
    expect(parseRequestControl("max-stale", undefined).maxStale).toBe(Number.POSITIVE_INFINITY);
  });

  test("RFC 9111 §5.4: Pragma: no-cache counts where there is no Cache-Control", () => {
    expect(parseRequestControl(undefined, "no-cache").noCache).toBe(true);
    expect(parseRequestControl("max-age=1", "no-cache").noCache).toBe(false);
  });
});
