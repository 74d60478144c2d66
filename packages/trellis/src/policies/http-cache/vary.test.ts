import { expect, test } from "vitest";
import { parseVary, selectingKey } from "./vary.ts";

test("RFC 9110 §12.5.5: Vary lists names without case, in any order, and * among them means all", () => {
  expect(parseVary("Foo, accept,, foo")).toEqual(["accept", "foo"]);
  expect(parseVary(undefined)).toEqual([]);
  for (const star of ["*", "*, *", ", *", "Foo, *", "*, Foo"]) expect([star, parseVary(star)]).toEqual([star, "*"]);
});

const same = (name: string, a: readonly string[], b: readonly string[]) =>
  selectingKey([name], a) === selectingKey([name], b);

test("RFC 9111 §4.1: lines of a field are as good as one line, and spaces between members mean nothing", () => {
  expect(same("foo", ["foo", "1, 2"], ["foo", "1", "foo", "2"])).toBe(true);
  expect(same("foo", ["foo", "1,2"], ["foo", " 1 ,  2 "])).toBe(true);
  expect(same("foo", ["foo", "1, 2"], ["foo", "2, 1"])).toBe(false);
  expect(same("foo", ["foo", '"a, b"'], ["foo", '"a,b"'])).toBe(false);
});

test("RFC 9111 §4.1: a field that is absent matches only where it was absent", () => {
  expect(same("foo", ["bar", "1"], [])).toBe(true);
  expect(same("foo", ["foo", ""], [])).toBe(false);
  expect(same("foo", ["foo", "1"], [])).toBe(false);
});

test("RFC 9111 §4.1: values of several fields are not mixed up", () => {
  expect(selectingKey(["a", "b"], ["a", "1"])).not.toBe(selectingKey(["a", "b"], ["b", "1"]));
});

test("RFC 9110 §12.5.3: encodings in another order or case are the same where their weights are", () => {
  expect(
    same("accept-encoding", ["accept-encoding", "gzip, deflate, br"], ["accept-encoding", "BR,gzip;q=1.0, deflate"]),
  ).toBe(true);
  expect(same("accept-encoding", ["accept-encoding", "gzip, br"], ["accept-encoding", "gzip, br;q=0"])).toBe(false);
  expect(same("accept-encoding", ["accept-encoding", "gzip, br;q=.5"], ["accept-encoding", "br, gzip;q=.5"])).toBe(
    false,
  );
  expect(same("accept-encoding", ["accept-encoding", "br;q=0"], ["accept-encoding", "br"])).toBe(false);
});

test("RFC 9110 §12.5.4: languages of the same weight have no order", () => {
  expect(same("accept-language", ["accept-language", "en, de"], ["accept-language", "de, EN"])).toBe(true);
  expect(same("accept-language", ["accept-language", "en, de;q=0.5"], ["accept-language", "de, en;q=0.5"])).toBe(false);
});
