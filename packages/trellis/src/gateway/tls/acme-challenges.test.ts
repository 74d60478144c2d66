import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { acmeChallenges } from "./acme-challenges.ts";

test("only challenges that there are get an answer, and nothing else of the disk", () => {
  const folder = mkdtempSync(join(tmpdir(), "trellis-challenges-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const inner = join(folder, "challenges");
  writeFileSync(join(folder, "secret"), "hidden");
  const ask = acmeChallenges(folder);
  writeFileSync(join(folder, "to-ken_1"), "to-ken_1.thumb");
  expect(ask("shop.example", "/.well-known/acme-challenge/to-ken_1")).toBe("to-ken_1.thumb");
  expect(ask("shop.example", "/.well-known/acme-challenge/other")).toBeUndefined();
  for (const path of ["/../secret", "/..%2fsecret", "/.", "/", "", "/to-ken_1?x", "/a/b", `/${"a".repeat(257)}`])
    expect(acmeChallenges(inner)("shop.example", `/.well-known/acme-challenge${path}`)).toBeUndefined();
  expect(ask("shop.example", "/to-ken_1")).toBeUndefined();
});
