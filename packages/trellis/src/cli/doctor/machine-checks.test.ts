import { mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { checkClock, checkDisk, checkMemory, checkNode } from "./machine-checks.ts";

const here = { groups: [{ instances: 2 }, { instances: 1 }], database: { poolMax: 1, pipelines: 1 } };
const gigabyte = 2 ** 30;

test("a Node that is too old is wrong", () => {
  expect(checkNode("24.0.0").state).toBe("ok");
  expect(checkNode("22.19.0")).toMatchObject({ state: "wrong", cure: expect.stringContaining("24") });
});

test("memory is enough for the plan, or not", () => {
  expect(checkMemory(gigabyte, here).state).toBe("ok");
  expect(checkMemory(gigabyte / 2, here)).toMatchObject({
    state: "wrong",
    cure: expect.stringContaining("TRELLIS_WEB"),
  });
  expect(checkMemory(gigabyte, { ...here, groups: [{ instances: 8 }, { instances: 1 }] }).state).toBe("wrong");
});

test("the disk is looked at where the data folder will be, before it is there", async () => {
  expect((await checkDisk(join(tmpdir(), "not", "there", "yet"))).says).toMatch(/^[\d,]+ MB free for /);
});

test("a clock that is behind what was written with it is wrong", () => {
  const folder = mkdtempSync(join(tmpdir(), "trellis-clock-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, "trellis.config.ts");
  writeFileSync(file, "");
  const writtenAt = new Date("2026-05-01T00:00:00Z");
  utimesSync(file, writtenAt, writtenAt);
  expect(checkClock(writtenAt.getTime() + 1, file).state).toBe("ok");
  expect(checkClock(Date.UTC(2001, 0, 1), file).state).toBe("wrong");
});
