import { expect, test } from "vitest";
import { checkSettings } from "./setting-checks.ts";

test("a setting that is misspelt is named, with the one that was perhaps meant", () => {
  const findings = checkSettings({ TRELLIS_DRAIN_TIMOUT: "5s", TRELLIS_URL_SHOP: "http://shop", PATH: "/bin" }, []);
  expect(findings).toEqual([
    {
      check: "settings",
      state: "note",
      says: "TRELLIS_DRAIN_TIMOUT is set, but there is no such setting",
      cure: "Perhaps TRELLIS_DRAIN_TIMEOUT was meant.",
    },
  ]);
});

test("a setting without effect is named; without any, all is well", () => {
  const because = ["DATABASE_URL is unset", "REDIS_URL is set but has no effect: this version has no engine for it"];
  expect(checkSettings({}, because)).toMatchObject([{ state: "note", says: because[1] }]);
  expect(checkSettings({}, ["DATABASE_URL is unset"])).toMatchObject([{ state: "ok" }]);
});
