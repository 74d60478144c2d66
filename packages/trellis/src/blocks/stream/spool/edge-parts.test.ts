import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { edgePartOf } from "../../../model/edge-event.ts";
import { TrellisError } from "../../../model/errors.ts";
import { SpoolFolder } from "../../../spool/spool-folder.ts";
import type { MakeRecords, Recorded } from "../port.ts";
import { edgeLookEveryMs, takeoversMax } from "./limits.ts";
import { SpoolTable } from "./spool-table.ts";
import {
  asAfterKill,
  click,
  keptLog,
  leaveBehind,
  streamName,
  type TestSpools,
  upTo,
  useTestSpools,
} from "./test-spools.contract.ts";

const testSpools = useTestSpools();
const part = edgePartOf(streamName);
const away = new TrellisError("database-unreachable", { says: "away" });

/** As a gateway writes one down: under the name of its route. */
const edgeRecord = (number: number): Recorded => ({ key: "follow", body: JSON.stringify({ edge: number }) });

/** What the service makes of one: `none` are no events of it. */
const making =
  (...none: readonly number[]): MakeRecords =>
  async (records) => {
    const numbers = records.map(({ body }): number => JSON.parse(body).edge);
    const without = numbers.filter((number) => none.includes(number));
    return {
      records: numbers.filter((number) => !none.includes(number)).map((number) => click(number)),
      unmade: new Map(without.length > 0 ? [["it is none", without.length]] : []),
    };
  };

/** The folder of a gateway that has let go of it, or was killed. */
const leftByGateway = (
  folder: string,
  numbers: readonly number[],
  process = "edge-gateway-1-dead",
  start = 0,
): string => leaveBehind(folder, numbers.map(edgeRecord), { process, part, start });

/** The folder of a gateway that lives. */
function heldByGateway(all: TestSpools, numbers: readonly number[], start = 0): SpoolFolder {
  leftByGateway(all.folder, numbers, "edge-gateway-1-lives", start);
  return SpoolFolder.take(join(all.folder, "spool"), "edge-gateway-1-lives") as SpoolFolder;
}

const gatewaysIn = (folder: string): readonly string[] =>
  readdirSync(join(folder, "spool")).filter((process) => process.startsWith("edge-"));

const rowsOf = (all: TestSpools, process: string) =>
  all.engine.platform.query("select position::int, moved::int from trellis.spool where spool = $1", [
    `${streamName}/${process}`,
  ]);

test("what a gateway has written down is the stream's within a second, as the service makes it, and its folder is gone", async () => {
  const all = await testSpools();
  const { writer, spools } = all.instance();
  writer.takeEdgeRecords(making());
  await all.clock.advance(0);
  // Its first looks have found nothing.
  await spools.forward();
  leftByGateway(all.folder, upTo(20));
  await all.clock.advance(edgeLookEveryMs);
  await vi.waitFor(async () => expect(await all.arrived()).toEqual(upTo(20)));
  await vi.waitFor(() => expect(gatewaysIn(all.folder)).toEqual([]));
  expect(await all.account()).toEqual({ spooled: 20, forwarded: 20, unlogged: 0, rows: 1, allRows: 2 });
});

test("what the service makes no event of is unlogged, and told once with how many there were", async () => {
  const all = await testSpools();
  const { log, lines } = keptLog();
  const { writer, spools } = all.instance({ log });
  leftByGateway(all.folder, upTo(10));
  writer.takeEdgeRecords(making(3, 4, 9));
  await spools.forward();
  expect(await all.arrived()).toEqual([0, 1, 2, 5, 6, 7, 8]);
  expect(await all.account()).toMatchObject({ spooled: 10, forwarded: 7, unlogged: 3 });
  expect(lines).toEqual(["events of the edge cannot be made: they count as unlogged"]);
});

test("what could not be written down before the first file is unlogged, also where nothing else was", async () => {
  const all = await testSpools();
  leftByGateway(all.folder, upTo(40, 30), "edge-gateway-1-dead", 30);
  leftByGateway(all.folder, [], "edge-gateway-2-dead", 5);
  const { writer, spools } = all.instance();
  writer.takeEdgeRecords(making());
  await spools.forward();
  expect(await all.arrived()).toEqual(upTo(40, 30));
  expect(await all.account()).toMatchObject({ spooled: 45, forwarded: 10, unlogged: 35 });
});

test("while something that the service needs is away, nothing is lost: it is made later", async () => {
  const all = await testSpools();
  leftByGateway(all.folder, upTo(10));
  const { writer, spools } = all.instance();
  let isAway = true;
  writer.takeEdgeRecords((records) => (isAway ? Promise.reject(away) : making()(records)));
  await spools.forward();
  await all.clock.advance(edgeLookEveryMs);
  expect(spools.overview()).toMatchObject({
    records: 10,
    unlogged: 0,
    oldestAgeMs: edgeLookEveryMs,
    behindBecause: "away",
  });
  isAway = false;
  await spools.forward();
  expect(await all.arrived()).toEqual(upTo(10));
});

test("killed between the append and the file's end, whichever it was: each event arrives once", async () => {
  for (const kill of ["before", "after"] as const) {
    const all = await testSpools();
    leftByGateway(all.folder, upTo(5_000));
    const dying = all.instance();
    dying.writer.takeEdgeRecords(making(7));
    let folder = "";
    dying.stream[kill] = async () => {
      folder ||= asAfterKill(all);
      throw away;
    };
    await dying.spools.forward();
    const next = all.instance({ folder });
    next.writer.takeEdgeRecords(making(7));
    await next.spools.forward();
    expect(await all.arrived()).toEqual(upTo(5_000).filter((number) => number !== 7));
    expect(await all.account()).toMatchObject({ spooled: 5_000, forwarded: 4_999, unlogged: 1 });
  }
});

test("several instances that look at the same moment make each event once", async () => {
  const all = await testSpools();
  for (const number of upTo(8)) leftByGateway(all.folder, upTo(100), `edge-gateway-${number}-dead`);
  const instances = upTo(4).map((number) => all.instance({ instance: `web-${number}` }));
  for (const { writer } of instances) writer.takeEdgeRecords(making());
  await Promise.all(instances.map(({ spools }) => spools.forward()));
  await Promise.all(instances.map(({ spools }) => spools.forward()));
  expect((await all.arrived()).length).toBe(800);
  expect(await all.account()).toMatchObject({ spooled: 800, forwarded: 800, unlogged: 0 });
});

test("more folders than can be in an instance's hands at once are all forwarded in one look", async () => {
  const all = await testSpools();
  const folders = 3 * takeoversMax;
  for (const number of upTo(folders)) leftByGateway(all.folder, [number], `edge-gateway-${number}-dead`);
  const { writer, spools } = all.instance();
  writer.takeEdgeRecords(making());
  await spools.forward();
  expect((await all.arrived()).toSorted((one, other) => one - other)).toEqual(upTo(folders));
});

test("a stream whose events cannot be made for now does not hold up another's, however much has gathered", async () => {
  const all = await testSpools();
  const folders = 4 * takeoversMax;
  for (const number of upTo(folders)) {
    const process = `edge-gateway-${number}-dead`;
    leaveBehind(all.folder, [edgeRecord(number)], { process, part: edgePartOf("links.views") });
    leftByGateway(all.folder, [number], process);
  }
  const { spools, stream, writer } = all.instance();
  writer.takeEdgeRecords(making());
  let tries = 0;
  let isAway = true;
  spools.open({ service: "links", name: "views" }, stream.port).takeEdgeRecords(async (records) => {
    tries += 1;
    if (isAway) throw away;
    return making()(records);
  });
  await spools.forward();
  expect((await all.arrived()).length).toBe(folders);
  expect(tries).toBeGreaterThan(0);
  expect(gatewaysIn(all.folder).length).toBe(folders);
  // It is tried with some of the folders, not with all.
  tries = 0;
  await spools.forward();
  expect(tries).toBeGreaterThan(0);
  expect(tries).toBeLessThanOrEqual(2 * takeoversMax);
  isAway = false;
  await spools.forward();
  expect(gatewaysIn(all.folder)).toEqual([]);
  expect(await all.account()).toMatchObject({ spooled: 2 * folders, forwarded: 2 * folders, unlogged: 0 });
});

test("a folder that cannot be read holds up no other", async () => {
  const all = await testSpools();
  const { log, lines } = keptLog();
  const { spools, writer } = all.instance({ log });
  writer.takeEdgeRecords(making());
  // In the place of a file something that is none.
  const path = leftByGateway(all.folder, [], "edge-gateway-0-dead");
  rmSync(path);
  mkdirSync(path);
  for (let looks = 0; looks < 3; looks += 1) {
    leftByGateway(all.folder, [looks], `edge-gateway-${looks + 1}-dead`);
    await spools.forward();
  }
  expect(await all.arrived()).toEqual(upTo(3));
  expect(gatewaysIn(all.folder)).toEqual(["edge-gateway-0-dead"]);
  expect(lines).toEqual(["the spool of a process that has ended cannot be forwarded"]);
});

test("records of the edge wait for an instance that makes events of them, also when it has stopped", async () => {
  const all = await testSpools();
  leftByGateway(all.folder, upTo(3));
  const { writer, spools } = all.instance();
  await spools.forward();
  expect(await all.account()).toMatchObject({ spooled: 0 });
  const taking = writer.takeEdgeRecords(making());
  await taking.stop();
  await spools.forward();
  expect(await all.arrived()).toEqual([]);
  expect(gatewaysIn(all.folder)).toEqual(["edge-gateway-1-dead"]);
  writer.takeEdgeRecords(making());
  await spools.forward();
  expect(await all.arrived()).toEqual(upTo(3));
});

test("what a living gateway has written down counts when somebody asks, as far as it is whole, and later only once", async () => {
  const all = await testSpools();
  const gateway = heldByGateway(all, upTo(12), 5);
  // The write of the last ones has just begun.
  truncateSync(join(gateway.path, part, `${"5".padStart(16, "0")}.spool`), 200);
  const [first, second] = [all.instance(), all.instance({ instance: "web-2" })];
  for (const { writer } of [first, second]) writer.takeEdgeRecords(making());
  await first.spools.forward();
  expect(await all.arrived()).toEqual([]);
  await Promise.all([first.writer.report(), second.writer.report()]);
  const { spooled, ...rest } = await all.account();
  expect(rest).toMatchObject({ forwarded: 0, unlogged: 0 });
  expect(spooled).toBeGreaterThan(5);
  expect(spooled).toBeLessThan(17);
  leftByGateway(all.folder, upTo(12), "edge-gateway-1-lives", 5);
  await first.writer.report();
  expect(await all.account()).toMatchObject({ spooled: 17, forwarded: 0, unlogged: 0 });
  gateway.release();
  await second.spools.forward();
  await first.writer.report();
  expect(await all.arrived()).toEqual(upTo(12));
  expect(await all.account()).toMatchObject({ spooled: 17, forwarded: 12, unlogged: 5, rows: 1 });
});

test("who does not make its events reports nothing of the edge", async () => {
  const all = await testSpools();
  heldByGateway(all, upTo(12)).release();
  await all.instance().writer.report();
  expect(await all.account()).toMatchObject({ spooled: 0 });
});

test("a folder that is taken over and ended while it is counted does not count twice", async () => {
  const all = await testSpools();
  const process = "edge-gateway-1-dead";
  const path = join(leftByGateway(all.folder, upTo(6), process), "..");
  const { writer, spools } = all.instance();
  writer.takeEdgeRecords(making());
  const count = { spool: `${streamName}/${process}`, stream: streamName, instance: process };
  const table = new SpoolTable(all.engine);
  const asOf = await table.now();
  const counts = { ...count, position: 6, unlogged: 0, moved: 0, forwarded: 0 };
  const report = () => table.reportOf(counts, asOf, () => !existsSync(path));
  await report();
  expect(await rowsOf(all, process)).toEqual([{ position: 6, moved: 0 }]);
  await spools.forward();
  // The count was made before, and comes after everything has ended.
  await report();
  expect(await rowsOf(all, process)).toEqual([]);
  expect(await all.account()).toMatchObject({ spooled: 6, forwarded: 6, unlogged: 0, rows: 1 });
});

test("whoever asks is told to the unit, while instances take folders over and end them all the time", async () => {
  const all = await testSpools();
  const instances = upTo(3).map((number) => all.instance({ instance: `web-${number}` }));
  for (const { writer } of instances) writer.takeEdgeRecords(making());
  const [asked, ...others] = instances;
  let isOver = false;
  const busy = others.map(async ({ spools, writer }) => {
    while (!isOver) {
      await spools.forward();
      await writer.report();
    }
  });
  for (let folders = 1; folders <= 60; folders += 1) {
    leftByGateway(all.folder, upTo(5), `edge-gateway-${folders}-dead`, folders % 3);
    await asked?.writer.report();
    const lost = upTo(folders + 1).reduce((sum, number) => sum + (number % 3), 0);
    expect((await all.account()).spooled).toBe(folders * 5 + lost);
  }
  isOver = true;
  await Promise.all(busy);
  await asked?.spools.forward();
  expect((await all.arrived()).length).toBe(300);
  expect(await all.account()).toMatchObject({ spooled: 360, forwarded: 300, unlogged: 60, rows: 1 });
});

test("a folder that was marked as done, when its process was killed, is ended without coming twice", async () => {
  const all = await testSpools();
  const path = join(leftByGateway(all.folder, upTo(6)), "..");
  renameSync(path, `${path}.done`);
  await all.engine.platform.query(
    `insert into trellis.spool (spool, stream, instance, position, moved, forwarded)
     values ($1, $2, 'edge', 6, 6, 6)`,
    [`${streamName}/edge-gateway-1-dead`, streamName],
  );
  const { writer } = all.instance();
  writer.takeEdgeRecords(making());
  await all.clock.advance(edgeLookEveryMs);
  await vi.waitFor(() => expect(gatewaysIn(all.folder)).toEqual([]));
  expect(await all.arrived()).toEqual([]);
  expect(await all.account()).toMatchObject({ spooled: 6, forwarded: 6, unlogged: 0, rows: 1 });
});

test("a folder that vanishes while it is looked at does no harm", async () => {
  const all = await testSpools();
  const { writer, spools } = all.instance();
  writer.takeEdgeRecords(async (records) => {
    rmSync(join(all.folder, "spool", "edge-gateway-1-dead"), { recursive: true, force: true });
    return making()(records);
  });
  leftByGateway(all.folder, upTo(3));
  await spools.forward();
  await writer.report();
  expect(await all.arrived()).toEqual(upTo(3));
});
