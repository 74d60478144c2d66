import { existsSync, mkdirSync, readdirSync, renameSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { TrellisError } from "../../../model/errors.ts";
import { batchRecordsMax, lookEveryMs } from "./limits.ts";
import {
  asAfterKill,
  click,
  leaveBehind,
  streamName,
  type TestSpools,
  upTo,
  useTestSpools,
  written,
} from "./test-spools.contract.ts";

const testSpools = useTestSpools();

const away = new TrellisError("database-unreachable", { says: "away" });

/** Of those that are dead. */
const processes = (folder: string): readonly string[] =>
  readdirSync(join(folder, "spool")).filter((name) => name.endsWith("-dead"));

/** A spool with these clicks that no process holds. */
function leftBehind(all: TestSpools, numbers: readonly number[], start = 0, process = "web-9-dead"): string {
  return leaveBehind(
    all.folder,
    numbers.map((number) => click(number)),
    { process, start },
  );
}

test("what a killed process had written down is forwarded by another one, and its folder removed", async () => {
  const all = await testSpools();
  leftBehind(all, upTo(50));
  const { spools } = all.instance();
  await all.clock.advance(0);
  await vi.waitFor(async () => expect(await all.arrived()).toEqual(upTo(50)));
  await vi.waitFor(() => expect(processes(all.folder)).toEqual([]));
  expect(await all.account()).toMatchObject({ spooled: 50, forwarded: 50, unlogged: 0, rows: 1 });
  expect(spools.overview()).toMatchObject({ records: 0, bytes: 0 });
});

test("a process that died before it had spooled anything leaves neither folder nor row", async () => {
  const all = await testSpools();
  const spool = `${streamName}/web-9-dead`;
  leftBehind(all, []);
  await all.engine.platform.query("insert into trellis.spool (spool, stream, instance) values ($1, $2, 'web-9')", [
    spool,
    streamName,
  ]);
  await all.instance().spools.forward();
  expect(processes(all.folder)).toEqual([]);
  expect(await all.engine.platform.query("select from trellis.spool where spool = $1", [spool])).toEqual([]);
});

test("a process that dies later is found within ten seconds", async () => {
  const all = await testSpools();
  const { writer, spools } = all.instance();
  writer.write(click(1_000));
  await spools.forward();
  leftBehind(all, upTo(5));
  await all.clock.advance(lookEveryMs);
  await vi.waitFor(async () => expect(await all.arrived()).toEqual([1_000, ...upTo(5)]));
  expect(lookEveryMs).toBeLessThan(10_000);
});

test("the spool of a process that lives is left alone", async () => {
  const all = await testSpools();
  const living = all.instance();
  living.stream.before = () => Promise.reject(away);
  for (const number of upTo(10)) living.writer.write(click(number));
  await living.spools.forward();
  await all.instance({ instance: "web-2" }).spools.forward();
  expect(await all.arrived()).toEqual([]);
  living.stream.before = async () => undefined;
  await living.spools.forward();
  expect(await all.arrived()).toEqual(upTo(10));
});

test("killed between the append and the answer, before and after any batch: each event arrives once", async () => {
  const count = 3 * batchRecordsMax;
  for (const kill of ["before", "after"] as const) {
    const all = await testSpools();
    const dying = all.instance();
    for (const number of upTo(count)) dying.writer.write(click(number));
    let folder = "";
    dying.stream[kill] = async () => {
      if (dying.stream.batches === 1) folder ||= asAfterKill(all);
      if (folder) throw away;
    };
    await dying.spools.forward();
    await dying.writer.report();
    expect((await all.arrived()).length).toBe(batchRecordsMax);
    await all.instance({ folder }).spools.forward();
    expect(await all.arrived()).toEqual(upTo(count));
    expect(await all.account()).toMatchObject({ spooled: count, forwarded: count, unlogged: 0 });
  }
});

test("two instances that look at the same moment forward a dead one's events once", async () => {
  const all = await testSpools();
  for (const process of ["web-7-dead", "web-8-dead", "web-9-dead"]) leftBehind(all, upTo(300), 0, process);
  const instances = upTo(4).map((number) => all.instance({ instance: `web-${number}` }));
  await Promise.all(instances.map(({ spools }) => spools.forward()));
  await Promise.all(instances.map(({ spools }) => spools.forward()));
  expect((await all.arrived()).toSorted((one, other) => one - other)).toEqual(upTo(900).map((n) => Math.floor(n / 3)));
  expect(await all.account()).toMatchObject({ spooled: 900, forwarded: 900, unlogged: 0, rows: 1 });
});

test("a spool that is cut in the middle of a write: what was written whole counts, what was reported beyond them is unlogged", async () => {
  const all = await testSpools();
  const path = leftBehind(all, upTo(10));
  await all.engine.platform.query(
    "insert into trellis.spool (spool, stream, instance, position) values ($1, $2, 'web-9', 12)",
    [`${streamName}/web-9-dead`, streamName],
  );
  truncateSync(
    path,
    Buffer.concat(upTo(7).map((number) => written(click(number)))).length + written(click(7)).length / 2,
  );
  await all.instance().spools.forward();
  expect(await all.arrived()).toEqual(upTo(7));
  expect(await all.account()).toMatchObject({ spooled: 12, forwarded: 7, unlogged: 5, rows: 1 });
});

test("what is missing between two files of a spool was lost, and is counted as that", async () => {
  const all = await testSpools();
  leftBehind(all, upTo(10));
  leftBehind(all, upTo(40, 25), 25);
  await all.instance().spools.forward();
  expect(await all.arrived()).toEqual([...upTo(10), ...upTo(40, 25)]);
  expect(await all.account()).toMatchObject({ spooled: 40, forwarded: 25, unlogged: 15 });
});

test("while the database is away the dead one's events are kept, counted and tried again", async () => {
  const all = await testSpools();
  leftBehind(all, upTo(20));
  const { spools, stream } = all.instance();
  stream.before = () => Promise.reject(away);
  await spools.forward();
  expect(spools.overview()).toMatchObject({ records: 20, behindBecause: "away" });
  // The instance that had them in its hands ends as well.
  await spools.close();
  await all.instance().spools.forward();
  expect(await all.arrived()).toEqual(upTo(20));
});

test("killed while it ended a spool: nothing comes twice, whichever step was the last", async () => {
  const all = await testSpools();
  const path = leftBehind(all, upTo(20));
  const part = join(path, "..");
  // Everything is in the stream, the folder is marked, and the row is still there or not.
  await all.instance().spools.forward();
  for (const row of [false, true]) {
    leftBehind(all, upTo(20));
    renameSync(part, `${part}.done`);
    if (row)
      await all.engine.platform.query(
        `insert into trellis.spool (spool, stream, instance, position, moved, forwarded, unlogged)
         values ($1, $2, 'web-9', 20, 20, 20, 0)`,
        [`${streamName}/web-9-dead`, streamName],
      );
    await all.instance().spools.forward();
    expect(await all.arrived()).toEqual(upTo(20));
    expect(await all.account()).toMatchObject(
      row ? { spooled: 40, forwarded: 40, rows: 1 } : { spooled: 20, forwarded: 20, rows: 1 },
    );
    expect(processes(all.folder)).toEqual([]);
  }
});

test("the spool of a stream that is not open here waits for an instance that has it", async () => {
  const all = await testSpools();
  leftBehind(all, upTo(3));
  const other = all.instance({ opens: { service: "other", name: "events" } });
  await other.spools.forward();
  expect(await all.arrived()).toEqual([]);
  expect(processes(all.folder)).toEqual(["web-9-dead"]);
  await all.instance().spools.forward();
  expect(await all.arrived()).toEqual(upTo(3));
});

test("a folder of a process that died before it had a lock is removed, and any other file left alone", async () => {
  const all = await testSpools();
  mkdirSync(join(all.folder, "spool", "web-9-unborn"), { recursive: true });
  writeFileSync(join(all.folder, "spool", "README"), "mine");
  const { spools, writer } = all.instance();
  writer.write(click(0));
  await spools.forward();
  expect(existsSync(join(all.folder, "spool", "web-9-unborn"))).toBe(false);
  expect(existsSync(join(all.folder, "spool", "README"))).toBe(true);
  expect(await all.arrived()).toEqual([0]);
});
