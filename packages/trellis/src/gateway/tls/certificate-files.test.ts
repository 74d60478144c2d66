import { mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { testClock } from "../../testing/test-clock.ts";
import { CertificateFiles } from "./certificate-files.ts";

function followed() {
  const folder = mkdtempSync(join(tmpdir(), "trellis-certs-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const files = [{ cert: file("a.pem", "cert 1"), key: file("a.key", "key 1") }];
  const clock = testClock();
  const told: unknown[] = [];
  const follower = new CertificateFiles({
    files,
    clock,
    onChange: (certificates) => told.push(...certificates),
    onProblem: (error) => told.push((error as Error).message),
  });
  return { folder, file, clock, told, follower };
}

test("a change is told of once, with all files read again", async () => {
  const { file, clock, told, follower } = followed();
  expect(follower.read()).toEqual([{ cert: "cert 1", key: "key 1" }]);
  await clock.advance(20_000);
  expect(told).toEqual([]);
  file("a.key", "key two");
  file("a.pem", "cert two");
  await clock.advance(20_000);
  expect(told).toEqual([{ cert: "cert two", key: "key two" }]);
});

test("a link that is led elsewhere, as ACME clients do, is a change", async () => {
  const { folder, file, clock, told } = followed();
  file("next.pem", "cert 2");
  symlinkSync(join(folder, "next.pem"), join(folder, "link"));
  renameSync(join(folder, "link"), join(folder, "a.pem"));
  await clock.advance(5_000);
  expect(told).toEqual([{ cert: "cert 2", key: "key 1" }]);
});

test("a file that is gone is told of by name, and looked for further on", async () => {
  const { folder, file, clock, told } = followed();
  rmSync(join(folder, "a.pem"));
  await clock.advance(5_000);
  expect(told).toEqual([expect.stringContaining("a.pem cannot be read")]);
  file("a.pem", "cert 3");
  await clock.advance(5_000);
  expect(told.at(-1)).toEqual({ cert: "cert 3", key: "key 1" });
});

test("nothing is looked at after the close", async () => {
  const { file, clock, told, follower } = followed();
  follower.close();
  file("a.pem", "cert 4");
  await clock.advance(60_000);
  expect(told).toEqual([]);
  expect(clock.pending).toBe(0);
});
