import { expect, test } from "vitest";
import { readPurge } from "./purge.ts";

test("a purge is read as it was written, and nothing else is one", () => {
  for (const purge of [
    { url: "http://a.test/" },
    { tag: "a" },
    { tag: "a", service: "links" },
    { all: true },
    { all: true, service: "links" },
  ])
    expect(readPurge(JSON.stringify(purge))).toEqual(purge);
  for (const text of ["", "{", "null", "1", "{}", '{"all":1}', '{"tag":1}', '{"tag":"a","service":1}', '{"all":false}'])
    expect(readPurge(text), text).toBeUndefined();
});
