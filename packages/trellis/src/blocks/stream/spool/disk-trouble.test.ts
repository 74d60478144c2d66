import { execFileSync } from "node:child_process";
import { chmodSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { canMount, smallDisk } from "../../../../../../tests/helpers/small-disk.ts";
import { TrellisError } from "../../../model/errors.ts";
import { writeAgainMs } from "../../../spool/limits.ts";
import { settled } from "../../../testing/test-clock.ts";
import { click, keptLog, upTo, useTestSpools } from "./test-spools.contract.ts";

const testSpools = useTestSpools();

const away = new TrellisError("database-unreachable", { says: "away" });
const full = "the disk is full";

test.skipIf(!canMount)(
  "on a full disk answers leave, events are counted as unlogged with the reason, and it recovers by itself",
  async () => {
    const disk = smallDisk(4);
    const all = await testSpools();
    const { log, lines } = keptLog();
    const { spools, writer, departures } = all.instance({ folder: disk.path, log });
    writer.write(click(0));
    await settled();
    disk.fill();
    // What is left of the file's last block takes a few more.
    let written = 1;
    for (; spools.overview().behindBecause === undefined; written += 1) {
      writer.write(click(written));
      await settled();
    }
    const failedOnce = written - 1;
    for (const number of upTo(10)) writer.write(click(written + number));
    let left = false;
    departures.leave(() => {
      left = true;
    });
    await settled();
    expect(left).toBe(true);
    expect(spools.overview()).toMatchObject({ unlogged: 11, records: failedOnce, behindBecause: full });
    await writer.report();
    expect(await all.account()).toMatchObject({ spooled: written + 10, forwarded: 0, unlogged: 11 });
    // Still full: tried again, told once.
    await all.clock.advance(writeAgainMs);
    writer.write(click(-1));
    await settled();
    expect(lines.filter((line) => line.includes("cannot be written down"))).toHaveLength(1);

    disk.free();
    await all.clock.advance(writeAgainMs);
    writer.write(click(7_777));
    await settled();
    expect(spools.overview()).toMatchObject({ unlogged: 12, behindBecause: undefined });
    expect(lines.at(-1)).toContain("are written down again");
    await spools.close();
    expect(await all.arrived()).toEqual([...upTo(failedOnce), 7_777]);
    const spooled = written + 12;
    expect(await all.account()).toMatchObject({ spooled, forwarded: spooled - 12, unlogged: 12, rows: 1 });
  },
);

test.skipIf(!canMount)(
  "a disk without room for a single file: counted, and written to as soon as there is",
  async () => {
    const disk = smallDisk(1, "nr_inodes=2");
    const all = await testSpools();
    const { spools, writer } = all.instance({ folder: disk.path });
    writer.write(click(0));
    await settled();
    expect(spools.overview()).toMatchObject({ unlogged: 1, records: 0, behindBecause: full });
    execFileSync("mount", ["-o", "remount,nr_inodes=100", disk.path]);
    await all.clock.advance(writeAgainMs);
    writer.write(click(1));
    await spools.close();
    expect(await all.arrived()).toEqual([1]);
    expect(await all.account()).toMatchObject({ spooled: 2, forwarded: 1, unlogged: 1 });
  },
);

test("a spool takes no more of the disk than it may, and goes on when some of it is forwarded", async () => {
  const all = await testSpools();
  const { spools, writer, stream } = all.instance({ bytesMax: 5_000 });
  stream.before = () => Promise.reject(away);
  for (const number of upTo(300)) {
    writer.write(click(number));
    await settled();
  }
  const { records, bytes, unlogged, behindBecause } = spools.overview();
  expect(bytes).toBeLessThanOrEqual(5_000);
  expect(bytes).toBeGreaterThan(4_900);
  expect(records + unlogged).toBe(300);
  expect(behindBecause).toContain("TRELLIS_SPOOL_MAX");
  stream.before = async () => undefined;
  await spools.forward();
  await all.clock.advance(writeAgainMs);
  writer.write(click(300));
  await settled();
  await spools.close();
  expect(await all.arrived()).toEqual([...upTo(records), 300]);
  expect(await all.account()).toMatchObject({ spooled: 301, forwarded: records + 1, unlogged });
});

test("a file that vanishes or is overwritten under a living process costs its own events only", async () => {
  const all = await testSpools();
  const { spools, writer, stream } = all.instance();
  stream.before = () => Promise.reject(away);
  for (const number of upTo(10)) writer.write(click(number));
  await settled();
  const [part = ""] = spoolFiles(all.folder);
  writeFileSync(part, "no record at all");
  stream.before = async () => undefined;
  await spools.forward();
  for (const number of upTo(20, 10)) writer.write(click(number));
  await spools.close();
  expect(await all.arrived()).toEqual(upTo(20, 10));
  expect(await all.account()).toMatchObject({ spooled: 20, forwarded: 10, unlogged: 10 });
});

test("a data folder that cannot be written to stops no answer", async () => {
  const all = await testSpools();
  const folder = join(all.folder, "a-file");
  writeFileSync(folder, "");
  chmodSync(folder, 0o400);
  const { spools, writer } = all.instance({ folder });
  writer.write(click(0));
  await settled();
  expect(spools.overview()).toMatchObject({ unlogged: 1, behindBecause: expect.stringContaining("ENOTDIR") });
  await spools.close();
  expect(await all.account()).toMatchObject({ spooled: 1, unlogged: 1 });
});

function spoolFiles(folder: string): readonly string[] {
  return readdirSync(join(folder, "spool"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".spool"))
    .map((name) => join(folder, "spool", name));
}
