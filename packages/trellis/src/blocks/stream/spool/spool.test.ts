import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { TrellisError } from "../../../model/errors.ts";
import { scopeOf } from "../../../model/transaction.ts";
import { settled } from "../../../testing/test-clock.ts";
import { batchRecordsMax, closeMsMax, forwardEveryMs } from "./limits.ts";
import { moveSpool, SpoolTable } from "./spool-table.ts";
import { click, streamName, upTo, useTestSpools } from "./test-spools.contract.ts";

const testSpools = useTestSpools();

const files = (folder: string): readonly string[] =>
  existsSync(join(folder, "spool")) ? readdirSync(join(folder, "spool"), { recursive: true, encoding: "utf8" }) : [];

test("what was spooled is in the stream once and in order, and leaves nothing behind at the end", async () => {
  const all = await testSpools();
  const { spools, writer } = all.instance();
  for (const number of upTo(5_000)) writer.write(click(number));
  await spools.forward();
  expect(await all.arrived()).toEqual(upTo(5_000));
  for (const number of upTo(5_010, 5_000)) writer.write(click(number));
  await spools.close();
  expect(await all.arrived()).toEqual(upTo(5_010));
  expect(files(all.folder)).toEqual([]);
  // Only the sum of what has ended is left.
  expect(await all.account()).toMatchObject({ spooled: 5_010, forwarded: 5_010, unlogged: 0, allRows: 1 });
});

test("records are forwarded together a tenth of a second after the first of them", async () => {
  const all = await testSpools();
  const { stream, writer } = all.instance();
  writer.write(click(0));
  await settled();
  writer.write(click(1));
  await settled();
  expect(stream.batches).toBe(0);
  await all.clock.advance(forwardEveryMs);
  await vi.waitFor(async () => expect(await all.arrived()).toEqual([0, 1]));
  expect(stream.batches).toBe(1);
});

test("an instance that ends in the middle of much leaves the rest to another, which goes on where it stopped", async () => {
  const all = await testSpools();
  const { spools, writer, stream } = all.instance();
  const count = 3 * batchRecordsMax;
  for (const number of upTo(count)) writer.write(click(number));
  stream.after = async () => {
    if (stream.batches === 2) await all.clock.advance(closeMsMax);
  };
  await spools.close();
  expect(await all.arrived()).toEqual(upTo(2 * batchRecordsMax));
  await all.instance().spools.forward();
  expect(await all.arrived()).toEqual(upTo(count));
  expect(await all.account()).toMatchObject({ spooled: count, forwarded: count, unlogged: 0 });
});

test("what comes while a batch is on its way waits for the next tick, to be a large one too", async () => {
  const all = await testSpools();
  const { spools, writer, stream } = all.instance();
  writer.write(click(0));
  stream.before = async () => writer.write(click(stream.batches + 1));
  await spools.forward();
  expect(await all.arrived()).toEqual(upTo(1));
  stream.before = async () => undefined;
  await all.clock.advance(forwardEveryMs);
  await vi.waitFor(async () => expect(await all.arrived()).toEqual(upTo(2)));
});

test("what comes during a batch that takes longer than a tick follows it, though nothing more is ever written", async () => {
  const all = await testSpools();
  const { writer, stream } = all.instance();
  for (const outcome of ["a success", "a failure"]) {
    const away = Promise.withResolvers<void>();
    const asked = Promise.withResolvers<void>();
    stream.before = () => {
      asked.resolve();
      return away.promise;
    };
    const before = await all.arrived();
    writer.write(click(before.length));
    await settled();
    await all.clock.advance(forwardEveryMs);
    await asked.promise;
    writer.write(click(before.length + 1));
    await settled();
    await all.clock.advance(10 * forwardEveryMs);
    stream.before = async () => undefined;
    if (outcome === "a success") away.resolve();
    else away.reject(new TrellisError("database-unreachable", { says: "gone fishing" }));
    await vi.waitFor(async () => {
      if (outcome === "a failure") await all.clock.advance(5_000);
      expect(await all.arrived(), outcome).toEqual(upTo(before.length + 2));
    });
  }
});

test("a trace travels with its event", async () => {
  const all = await testSpools();
  const { spools, writer } = all.instance();
  const trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  writer.write({ ...click(0), trace });
  writer.write(click(1));
  await spools.forward();
  expect(await all.engine.platform.query("select trace from trellis.arrived order by at")).toEqual([
    { trace },
    { trace: null },
  ]);
});

test("all events of a turn are one write, and answers of the turn leave after it", async () => {
  const all = await testSpools();
  const { writer, departures, spools } = all.instance();
  const seen: string[] = [];
  writer.write(click(0));
  writer.write(click(1));
  expect(departures.holding).toBe(true);
  departures.leave(() => seen.push(`left with ${spools.overview().records} written`));
  seen.push(`turn with ${spools.overview().records} written`);
  await settled();
  expect(seen).toEqual(["turn with 0 written", "left with 2 written"]);
  departures.leave(() => seen.push("at once"));
  expect(seen.at(-1)).toBe("at once");
});

test("while the database is away events wait on the disk, and all arrive once it is back", async () => {
  const all = await testSpools();
  const { stream, spools, writer } = all.instance();
  const away = new TrellisError("database-unreachable", { says: "gone fishing" });
  stream.before = () => Promise.reject(away);
  for (const number of upTo(100)) writer.write(click(number));
  await spools.forward();
  expect(spools.overview()).toMatchObject({ records: 100, unlogged: 0, behindBecause: "gone fishing" });
  expect(spools.overview().bytes).toBeGreaterThan(100 * 20);
  await all.clock.advance(60_000);
  expect(spools.overview().oldestAgeMs).toBeGreaterThan(59_000);
  stream.before = async () => undefined;
  // By itself, without anything new.
  await vi.waitFor(async () => {
    await all.clock.advance(5_000);
    expect(await all.arrived()).toEqual(upTo(100));
  });
  expect(spools.overview()).toMatchObject({ records: 0, oldestAgeMs: 0, behindBecause: undefined });
});

test("an answer that was lost after the commit brings nothing twice", async () => {
  const all = await testSpools();
  const { stream, spools, writer } = all.instance();
  const lost = new TrellisError("outcome-unknown");
  stream.after = async () => {
    if (stream.batches === 1) throw lost;
  };
  for (const number of upTo(10)) writer.write(click(number));
  await spools.forward();
  stream.after = async () => undefined;
  for (const number of upTo(20, 10)) writer.write(click(number));
  await spools.forward();
  expect(await all.arrived()).toEqual(upTo(20));
  expect(await all.account()).toMatchObject({ spooled: 20, forwarded: 20, unlogged: 0 });
});

test("an event that cannot be written is counted as unlogged, in its place among the others", async () => {
  const all = await testSpools();
  const { spools, writer } = all.instance();
  writer.write(click(0));
  writer.lose();
  writer.write(click(1));
  writer.lose();
  await writer.report();
  expect(await all.account()).toMatchObject({ spooled: 4 });
  await spools.forward();
  expect(await all.arrived()).toEqual([0, 1]);
  expect(await all.account()).toMatchObject({ spooled: 4, forwarded: 2, unlogged: 2 });
});

test("a report says every event that was spooled by then, on all instances, also those that never reported", async () => {
  const all = await testSpools();
  const [one, other, idle] = upTo(3).map((number) => all.instance({ instance: `web-${number}` }));
  await all.clock.advance(0);
  await vi.waitFor(async () => expect((await all.account()).allRows).toBe(3));
  for (const number of upTo(3)) one?.writer.write(click(number));
  for (const number of upTo(55)) other?.writer.write(click(number));
  await idle?.writer.report();
  // Nobody has forwarded anything yet, and only one was asked.
  expect(await all.account()).toMatchObject({ spooled: 58, forwarded: 0, unlogged: 0 });
});

test("a count that was made before somebody asked is no answer, nor is a batch that is brought in meanwhile", async () => {
  const all = await testSpools();
  const table = new SpoolTable(all.engine);
  const spool = `${streamName}/web-2`;
  const count = { spool, stream: streamName, instance: "web-2", position: 5, unlogged: 0, moved: 0, forwarded: 0 };
  const before = await table.now();
  const asked = await table.now();
  await table.report(count, before);
  expect(await table.silent(streamName, asked)).toBe(1);
  expect(await moveSpool(all.engine.platform, { spool, from: 0, to: 5, unlogged: 0 })).toBe(true);
  expect(await table.silent(streamName, asked)).toBe(1);
  await table.report({ ...count, position: 7 }, await table.now());
  // On its way for longer than the answer.
  await table.report(count, before);
  expect(await table.silent(streamName, asked)).toBe(0);
  expect(await all.account()).toMatchObject({ spooled: 7, forwarded: 5 });
});

test("instances that died with nothing spooled are not waited for, and leave no row", async () => {
  const all = await testSpools();
  const { spools } = all.instance();
  await all.clock.advance(0);
  await vi.waitFor(async () => expect((await all.account()).allRows).toBe(1));
  await spools.close();
  expect(await all.account()).toMatchObject({ spooled: 0 });
  // Of a machine that is gone for good.
  await all.engine.platform.query(
    `insert into trellis.spool (spool, stream, instance, position, seen_at)
     values ('links.clicks/gone', 'links.clicks', 'gone', 3, now() - interval '1 hour')`,
  );
  await all.instance().writer.report();
  expect(await all.account()).toMatchObject({ spooled: 3 });
});

test("a report waits no longer for instances that do not answer than it promises", async () => {
  const all = await testSpools();
  const deaf = all.instance({ instance: "web-2" });
  deaf.writer.write(click(0));
  await deaf.writer.report();
  const cut = all.wakes.peer();
  cut.cut();
  const { writer } = all.instance({ wakes: cut });
  writer.write(click(0));
  let done = false;
  const asking = writer.report().then(() => {
    done = true;
  });
  await vi.waitFor(async () => expect((await all.account()).spooled).toBe(2));
  expect(done).toBe(false);
  await all.clock.advance(300);
  await asking;
});

test("a million events of one key arrive once and in order, with the disk given back on the way", async () => {
  const all = await testSpools();
  const { stream, spools, writer } = all.instance();
  let checksum = 0;
  let next = 0;
  let diskMax = 0;
  stream.appendSpooled = async (records, move) => {
    for (const { body } of records) {
      if (JSON.parse(body).n !== next) throw new Error(`${body} came when ${next} was next`);
      next += 1;
      checksum += next;
    }
    diskMax = Math.max(diskMax, spools.overview().bytes);
    return (await all.engine.transaction((tx) => moveSpool(scopeOf(tx), move))) as boolean;
  };
  for (let number = 0; number < 1_000_000; number += 1) {
    writer.write({ key: "one", body: `{"n":${number}}` });
    if (number % 50_000 === 0) await spools.forward();
  }
  await spools.close();
  expect(next).toBe(1_000_000);
  expect(checksum).toBe((1_000_000 * 1_000_001) / 2);
  expect(diskMax).toBeLessThan(20e6);
  expect(await all.account()).toMatchObject({ spooled: 1_000_000, forwarded: 1_000_000, unlogged: 0 });
}, 60_000);
