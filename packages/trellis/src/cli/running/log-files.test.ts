import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { testClock } from "../../testing/test-clock.ts";
import { LogFiles, logFileBytesMax } from "./log-files.ts";

let folder: string;
let shown: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "trellis-logs-"));
  shown = "";
});

function opened() {
  const clock = testClock();
  const logs = new LogFiles(join(folder, "logs"), clock, (text) => {
    shown += text;
  });
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return { logs, clock };
}

test("what a process writes is in its file, for its owner only, and shown within a tenth of a second", async () => {
  const { logs, clock } = opened();
  writeSync(logs.descriptor("web-1"), "für alle\n");
  await clock.advance(100);
  expect(shown).toBe("für alle\n");
  expect(readFileSync(logs.path("web-1"), "utf8")).toBe("für alle\n");
  expect(statSync(logs.path("web-1")).mode & 0o777).toBe(0o600);
  logs.close();
});

test("a letter that comes in two pieces is shown whole", async () => {
  const { logs, clock } = opened();
  const [first = 0, second = 0] = Buffer.from("ü");
  writeSync(logs.descriptor("web-1"), Buffer.from([first]));
  await clock.advance(100);
  writeSync(logs.descriptor("web-1"), Buffer.from([second]));
  await clock.advance(100);
  expect(shown).toBe("ü");
  logs.close();
});

test("what is written at the very end is shown, and what an earlier supervisor has shown is not", async () => {
  const first = opened();
  writeSync(first.logs.descriptor("web-1"), "before\n");
  first.logs.close();
  expect(shown).toBe("before\n");
  const second = opened();
  appendFileSync(second.logs.path("web-1"), "after\n");
  second.logs.close();
  expect(shown).toBe("before\nafter\n");
});

test("a file that has grown too large is put aside, three times, while its process goes on writing", async () => {
  const { logs, clock } = opened();
  const descriptor = logs.descriptor("web-1");
  const path = logs.path("web-1");
  for (let round = 1; round <= 5; round += 1) {
    writeSync(descriptor, Buffer.alloc(logFileBytesMax, `${round}`));
    writeSync(descriptor, "\n");
    await clock.advance(100);
    expect(statSync(path).size).toBe(0);
  }
  writeSync(descriptor, "and on\n");
  expect(readFileSync(path, "utf8")).toBe("and on\n");
  const first = (file: string) => readFileSync(file, "utf8")[0];
  expect([first(`${path}.1`), first(`${path}.2`), first(`${path}.3`)]).toEqual(["5", "4", "3"]);
  expect(existsSync(`${path}.4`)).toBe(false);
  logs.close();
});
