import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { systemdUnit, type UnitFacts } from "./systemd-unit.ts";

const facts = (folder: string): UnitFacts => ({
  name: "app",
  folder,
  data: join(folder, ".trellis"),
  user: userInfo().username,
  node: process.execPath,
  entry: process.execPath,
  stopMs: 20_000,
});

test("words with blanks, quotes and signs of systemd's own stay as they are", () => {
  const unit = systemdUnit({ ...facts("/srv/my app"), data: '/srv/100% "$HOME"' });
  expect(unit).toContain("WorkingDirectory=/srv/my app\n");
  expect(unit).toContain('--data "/srv/100%% \\"$$HOME\\""\n');
  expect(unit).toContain("TimeoutStopSec=80\n");
});

const hasSystemd = (() => {
  try {
    execFileSync("systemd-analyze", ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
})();

if (!hasSystemd) console.warn("Skipped: a check of unit files by systemd-analyze, which is not here.");

test.skipIf(!hasSystemd)("systemd takes the unit as it is", () => {
  const folder = mkdtempSync(join(tmpdir(), "trellis unit "));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "app.service");
  writeFileSync(file, systemdUnit(facts(folder)));
  // It says what it does not understand, and ends with 0 nevertheless.
  const said = execFileSync("systemd-analyze", ["verify", "--man=no", "--recursive-errors=no", file], {
    encoding: "utf8",
    stdio: "pipe",
  });
  expect(said).toBe("");
});
