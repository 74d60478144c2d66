import { describe, expect, test } from "vitest";
import { TrellisError } from "../../model/errors.ts";
import type { Transaction } from "../../model/transaction.ts";
import type { BatchHandler, ConsumerSettings, Delivered, Log, Recorded, StreamEngine } from "./port.ts";

/** An app's streams, on storage that several instances share. */
export interface StreamGround {
  /** One more instance of the app. Closed after the file's tests. */
  instance(name: string): StreamInstance;
  /** Whether a wake reaches consumers. */
  cutWakes(isCut: boolean): void;
  /** Moves what all instances take for the time. */
  shiftClock(ms: number): void;
  /** Begins a spool at position 0. */
  beginSpool(spool: string, stream: string): Promise<void>;
  /** Writes down, in `tx`, that an event was handled: the effect that must happen once. */
  handle(tx: Transaction, stream: string, records: readonly Delivered[]): Promise<void>;
  /** What was written down of a stream, in the order in which it was. */
  handled(stream: string): Promise<readonly Handled[]>;
  /** A member of the group that stops living without a word, once `die` is called. */
  fakeMember(stream: string): Promise<{ die(): Promise<void> }>;
}

export interface StreamInstance {
  readonly engine: StreamEngine;
  /** A transaction of the service `shop`. */
  transaction<T>(run: (tx: Transaction) => Promise<T>): Promise<T>;
}

export interface Handled {
  readonly partition: number;
  readonly offset: bigint;
  readonly body: string;
}

const dayMs = 86_400_000;
const group: ConsumerSettings = { service: "shop", batchMax: 100, retries: 1 };
const event = (key: string, body: unknown = key): Recorded => ({ key, body: JSON.stringify(body) });
const numbered = (count: number, from = 0): readonly Recorded[] =>
  Array.from({ length: count }, (_, index) => event(`k${(from + index) % 20}`, from + index));

/** What every engine of streams promises. */
export function streamContract(engineName: string, ground: () => StreamGround): void {
  const open = (instance: StreamInstance, name: string, more = {}): Promise<Log> =>
    instance.engine.open({ service: "shop", name, partitions: 4, keepForMs: 7 * dayMs, ...more });
  const writing =
    (name: string): BatchHandler =>
    ({ records, tx }) =>
      ground().handle(tx, name, records);
  const untilHandled = async (name: string, count: number): Promise<readonly Handled[]> => {
    await expect.poll(async () => (await ground().handled(name)).length, { timeout: 20_000 }).toBe(count);
    return ground().handled(name);
  };
  const bodies = (handled: readonly { readonly body: string }[]): readonly number[] =>
    handled.map(({ body }) => JSON.parse(body) as number).sort((one, other) => one - other);
  const upTo = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index);

  describe(`streams: ${engineName}`, { timeout: 60_000 }, () => {
    test("offsets have no gap and no double, however many append at once", async () => {
      const [one, other] = [ground().instance("one"), ground().instance("other")];
      const logs = [await open(one, "gapless"), await open(other, "gapless")];
      await Promise.all(
        upTo(40).map((turn) => logs[turn % 2]?.append(numbered(1 + (turn % 7), turn * 10)) ?? Promise.resolve()),
      );
      const appended = (await (logs[0] as Log).overview()).appended;
      const serving = (logs[0] as Log).consume(group, writing("gapless"));
      const handled = await untilHandled("gapless", appended);
      await serving.stop();
      for (const partition of upTo(4)) {
        const offsets = handled.filter((each) => each.partition === partition).map(({ offset }) => Number(offset));
        expect(offsets).toEqual(upTo(offsets.length));
      }
    });

    test("events of one key are handled in the order in which they were appended, in a transaction or not", async () => {
      const instance = ground().instance("order");
      const log = await open(instance, "order");
      for (const turn of upTo(30))
        if (turn % 2 === 0) await log.append([event("same", turn * 2), event("same", turn * 2 + 1)]);
        else {
          await instance.transaction((tx) => log.appendIn(tx, [event("same", turn * 2), event("same", turn * 2 + 1)]));
          await expect.poll(async () => (await log.overview()).outbox).toBe(0);
        }
      const serving = log.consume({ ...group, batchMax: 7 }, writing("order"));
      const handled = await untilHandled("order", 60);
      await serving.stop();
      expect(handled.map(({ body }) => JSON.parse(body))).toEqual(upTo(60));
    });

    test("what was appended in a transaction is there after its commit, and never after a rollback", async () => {
      const instance = ground().instance("tx");
      const log = await open(instance, "tx");
      const serving = log.consume(group, writing("tx"));
      const rolledBack = instance.transaction(async (tx) => {
        await log.appendIn(tx, numbered(3, 100));
        throw new RangeError("changed my mind");
      });
      await expect(rolledBack).rejects.toThrow("changed my mind");
      await instance.transaction((tx) => log.appendIn(tx, numbered(3)));
      expect(bodies(await untilHandled("tx", 3))).toEqual([0, 1, 2]);
      await serving.stop();
      expect(await log.overview()).toMatchObject({ appended: 3, outbox: 0 });
    });

    test("an append that forgets the transaction open around it throws", async () => {
      const instance = ground().instance("forgot");
      const log = await open(instance, "forgot");
      const forgot = instance.transaction(() => log.append(numbered(1)));
      await expect(forgot).rejects.toMatchObject({ code: "outside-transaction" });
      expect(await log.overview()).toMatchObject({ appended: 0 });
    });

    test("a transaction that commits late is not skipped, and nobody waits for it", async () => {
      const [instance, other] = [ground().instance("late"), ground().instance("late too")];
      const log = await open(instance, "late");
      const otherLog = await open(other, "late");
      const serving = log.consume(group, writing("late"));
      await other.transaction(async (tx) => {
        await otherLog.appendIn(tx, [event("late", 0)]);
        for (const turn of upTo(20))
          if (turn % 2 === 0) await log.append([event("soon", turn + 1)]);
          else await instance.transaction((soon) => log.appendIn(soon, [event("soon", turn + 1)]));
        await untilHandled("late", 20);
      });
      expect(bodies(await untilHandled("late", 21))).toEqual(upTo(21));
      await serving.stop();
    });

    test("what a dead instance had committed is moved by another", async () => {
      const [dying, other] = [ground().instance("dying"), ground().instance("survivor")];
      const dyingLog = await open(dying, "orphans");
      const log = await open(other, "orphans");
      await dying.engine.close();
      await dying.transaction((tx) => dyingLog.appendIn(tx, numbered(5)));
      const serving = log.consume(group, writing("orphans"));
      expect(bodies(await untilHandled("orphans", 5))).toEqual(upTo(5));
      await serving.stop();
    });

    test("without any wake events are handled all the same", async () => {
      const instance = ground().instance("deaf");
      const log = await open(instance, "deaf");
      ground().cutWakes(true);
      try {
        const serving = log.consume(group, writing("deaf"));
        await log.append(numbered(10));
        await untilHandled("deaf", 10);
        await instance.transaction((tx) => log.appendIn(tx, numbered(10, 10)));
        expect(bodies(await untilHandled("deaf", 20))).toEqual(upTo(20));
        await serving.stop();
      } finally {
        ground().cutWakes(false);
      }
    });

    test("while consumers come and go under load, no event is lost or repeated in effect, and keys keep their order", async () => {
      const producer = ground().instance("producer");
      const log = await open(producer, "rebalance", { partitions: 6 });
      const serveOn = async (name: string) => {
        const joined = await open(ground().instance(name), "rebalance", { partitions: 6 });
        return joined.consume({ ...group, batchMax: 50 }, writing("rebalance"));
      };
      let appended = 0;
      const append = async (count: number): Promise<void> => {
        for (const _ of upTo(count)) {
          await log.append(numbered(50, appended));
          appended += 50;
        }
      };
      const first = await serveOn("first");
      const load = append(60);
      const second = await serveOn("second");
      const third = await serveOn("third");
      await expect.poll(async () => (await membersOf(log)).size, { timeout: 10_000 }).toBe(3);
      await second.stop();
      await load;
      await first.stop();
      await append(5);
      const handled = await untilHandled("rebalance", appended);
      await third.stop();
      expect(bodies(handled)).toEqual(upTo(appended));
      for (const partition of upTo(6)) {
        const offsets = handled.filter((each) => each.partition === partition).map(({ offset }) => Number(offset));
        expect(offsets).toEqual(upTo(offsets.length));
      }
    });

    test("members share the partitions, and those of one that died are taken over", async () => {
      const log = await open(ground().instance("heir"), "heir");
      const doomed = await ground().fakeMember("heir");
      const serving = log.consume(group, writing("heir"));
      await expect
        .poll(async () => [...(await membersOf(log)).values()].map((partitions) => partitions.length))
        .toEqual([2, 2]);
      await log.append(numbered(200));
      await expect.poll(async () => (await ground().handled("heir")).length).toBeGreaterThan(0);
      const held = 200 - (await settledCount("heir"));
      expect(held).toBeGreaterThan(0);
      await doomed.die();
      expect(bodies(await untilHandled("heir", 200))).toEqual(upTo(200));
      await serving.stop();
    });

    test("nothing of a failed attempt is kept, and it is tried again", async () => {
      const log = await open(ground().instance("again"), "again");
      let attempts = 0;
      const serving = log.consume(group, async ({ records, tx }) => {
        await ground().handle(tx, "again", records);
        attempts += 1;
        if (attempts === 1) throw new RangeError("not this time");
      });
      await log.append([event("a", 0), event("a", 1)]);
      expect(bodies(await untilHandled("again", 2))).toEqual([0, 1]);
      expect(attempts).toBe(2);
      await serving.stop();
    });

    test("an event that its handler never manages is set aside, with the reason, and its partition goes on", async () => {
      const instance = ground().instance("poison");
      const log = await open(instance, "poison");
      let isMended = false;
      const serving = log.consume(group, async ({ records, tx }) => {
        if (!isMended && records.some(({ body }) => body === "13" || body === "17")) throw new RangeError("unlucky");
        await ground().handle(tx, "poison", records);
      });
      await log.append(upTo(40).map((number) => event("one key", number)));
      const handled = await untilHandled("poison", 38);
      expect(handled.map(({ body }) => JSON.parse(body))).toEqual(
        upTo(40).filter((each) => each !== 13 && each !== 17),
      );
      const stream = { service: "shop", name: "poison" };
      const aside = await instance.engine.setAside({ stream, limit: 10 });
      expect(aside).toMatchObject([
        { stream, group: "shop", body: "17", key: "one key", reason: "RangeError: unlucky", retrying: false },
        { body: "13" },
      ]);
      expect(await log.account("shop")).toMatchObject({ lag: 0, setAside: 2 });
      const next = await instance.engine.setAside({ stream, limit: 10, before: aside[0]?.id ?? "" });
      expect(next.map(({ body }) => body)).toEqual(["13"]);

      expect(await instance.engine.retrySetAside([String(aside[0]?.id)])).toBe(1);
      await expect.poll(async () => (await instance.engine.setAside({ stream, limit: 1 }))[0]?.retrying).toBe(false);
      isMended = true;
      expect(await instance.engine.retrySetAside([String(aside[0]?.id)])).toBe(1);
      expect((await untilHandled("poison", 39)).at(-1)).toMatchObject({ body: "17" });
      expect(await instance.engine.dropSetAside(aside.map(({ id }) => id))).toBe(1);
      expect(await log.account("shop")).toMatchObject({ lag: 0, setAside: 0 });
      await serving.stop();
    });

    test("a record that its handler puts aside is so in the batch's own transaction", async () => {
      const instance = ground().instance("unfit");
      const log = await open(instance, "unfit");
      const serving = log.consume(group, async ({ records, tx, setAside }) => {
        for (const record of records)
          if (JSON.parse(record.body) % 2) setAside(record, "odd");
          else await ground().handle(tx, "unfit", [record]);
      });
      await log.append(numbered(10));
      expect(bodies(await untilHandled("unfit", 5))).toEqual([0, 2, 4, 6, 8]);
      const aside = await instance.engine.setAside({ stream: { service: "shop", name: "unfit" }, limit: 10 });
      expect(bodies(aside)).toEqual([1, 3, 5, 7, 9]);
      expect(aside[0]).toMatchObject({ reason: "odd" });
      await serving.stop();
    });

    test("what fails because something is away is tried until it is back, and no event is blamed", async () => {
      const instance = ground().instance("outage");
      const log = await open(instance, "outage");
      let attempts = 0;
      const serving = log.consume({ ...group, retries: 0 }, async ({ records, tx }) => {
        attempts += 1;
        if (attempts < 5) throw new TrellisError("unavailable");
        await ground().handle(tx, "outage", records);
      });
      await log.append([event("a", 0), event("a", 1)]);
      await untilHandled("outage", 2);
      expect(await log.account("shop")).toMatchObject({ lag: 0, setAside: 0 });
      await serving.stop();
    });

    test("a consumer that is behind grows nothing but its lag: batches stay bounded in number and bytes", async () => {
      const log = await open(ground().instance("slow"), "slow", { partitions: 1 });
      const large = "x".repeat(200_000);
      for (const turn of upTo(6)) await log.append(upTo(10).map((each) => event("k", `${turn}.${each} ${large}`)));
      expect(await log.account("shop")).toMatchObject({ lag: 60 });
      const sizes: number[] = [];
      const serving = log.consume(group, async ({ records, tx }) => {
        sizes.push(records.reduce((sum, { body }) => sum + body.length, 0));
        await ground().handle(
          tx,
          "slow",
          records.map((record) => ({ ...record, body: "0" })),
        );
      });
      await untilHandled("slow", 60);
      await serving.stop();
      expect(Math.max(...sizes)).toBeLessThanOrEqual(4 * 1024 * 1024 + 210_000);
      expect(sizes.length).toBeGreaterThan(2);
    });

    test("a group can be moved back to an offset and to a time, and handles again from there", async () => {
      const instance = ground().instance("replay");
      const log = await open(instance, "replay", { partitions: 1 });
      const at: number[] = [];
      const serving = log.consume(group, async ({ records, tx }) => {
        for (const record of records) at[Number(record.offset)] = record.at;
        await ground().handle(tx, "replay", records);
      });
      const stream = { service: "shop", name: "replay" };
      await log.append(numbered(10));
      ground().shiftClock(60_000);
      await log.append(numbered(10, 10));
      await untilHandled("replay", 20);
      await instance.engine.replay({ stream, group: "shop", from: { offset: 15n } });
      expect((await untilHandled("replay", 25)).slice(20).map(({ body }) => JSON.parse(body))).toEqual([
        15, 16, 17, 18, 19,
      ]);
      await instance.engine.replay({ stream, group: "shop", from: { time: (at[10] as number) - 1 } });
      expect(bodies((await untilHandled("replay", 35)).slice(25))).toEqual(upTo(20).slice(10));
      await instance.engine.replay({ stream, group: "shop", from: { offset: 10_000n } });
      expect(await log.account("shop")).toMatchObject({ lag: 0 });
      await serving.stop();
      const nobody = instance.engine.replay({ stream, group: "nobody", from: { time: 0 } });
      await expect(nobody).rejects.toMatchObject({ code: "invalid-input" });
    });

    test("days that were kept long enough are dropped, handled or not; the rest stays", async () => {
      const instance = ground().instance("keep");
      const settings = { partitions: 1, keepForMs: 2 * dayMs };
      const log = await open(instance, "keep", settings);
      for (const day of upTo(4)) {
        await log.append([event("k", day)]);
        ground().shiftClock(dayMs);
      }
      expect(await log.overview()).toMatchObject({ appended: 4, groups: [] });
      const fresh = ground().instance("keep too");
      const again = await open(fresh, "keep", settings);
      await expect.poll(async () => (await again.account("shop")).lag).toBe(2);
      const serving = again.consume(group, writing("keep"));
      expect((await untilHandled("keep", 2)).map(({ body, offset }) => [body, offset])).toEqual([
        ["2", 2n],
        ["3", 3n],
      ]);
      await serving.stop();
    });

    test("a clock that was set back takes no event back in time", async () => {
      const log = await open(ground().instance("clock"), "clock", { partitions: 1 });
      await log.append([event("k", 0)]);
      ground().shiftClock(-3 * dayMs);
      await log.append([event("k", 1)]);
      ground().shiftClock(3 * dayMs);
      const at: number[] = [];
      const serving = log.consume(group, async ({ records, tx }) => {
        at.push(...records.map((record) => record.at));
        await ground().handle(tx, "clock", records);
      });
      await untilHandled("clock", 2);
      expect(at[1]).toBeGreaterThanOrEqual(at[0] as number);
      await serving.stop();
    });

    test("a batch from a spool is brought once, whoever brings it how often", async () => {
      const [one, other] = [ground().instance("spool"), ground().instance("spool too")];
      const logs = [await open(one, "spooled"), await open(other, "spooled")];
      await ground().beginSpool("shop.spooled/1", "shop.spooled");
      const bring = (from: number, to: number, unlogged: number) =>
        Promise.all(
          logs.map((log) =>
            log.appendSpooled(numbered(to - from, from), { spool: "shop.spooled/1", from, to, unlogged }),
          ),
        );
      expect((await bring(0, 10, 0)).sort()).toEqual([false, true]);
      expect((await bring(10, 15, 0)).sort()).toEqual([false, true]);
      expect(await bring(0, 10, 0)).toEqual([false, false]);
      expect(await logs[0]?.account("shop")).toMatchObject({ spooled: 15, inSpools: 0, forwarded: 15, lag: 15 });
      // Two that were lost: the position moves on without them.
      const move = { spool: "shop.spooled/1", from: 15, to: 20, unlogged: 2 };
      expect(await logs[1]?.appendSpooled(numbered(3, 15), move)).toBe(true);
      expect(await logs[0]?.account("shop")).toMatchObject({ spooled: 20, inSpools: 0, forwarded: 18, unlogged: 2 });
    });

    test("the number of partitions is fixed: an app that declares another is told so", async () => {
      await open(ground().instance("four"), "fixed", { partitions: 4 });
      const five = open(ground().instance("five"), "fixed", { partitions: 5 });
      await expect(five).rejects.toMatchObject({ code: "invalid-app" });
    });

    test("the overview says what was appended, what lags, and who handles which partitions", async () => {
      const instance = ground().instance("seen");
      const log = await open(instance, "seen");
      await log.append(numbered(30));
      const serving = log.consume(group, writing("seen"));
      await untilHandled("seen", 30);
      await untilMembers(log, 1);
      const all = await instance.engine.overview();
      expect(all.find(({ name }) => name === "seen")).toMatchObject({
        service: "shop",
        partitions: 4,
        appended: 30,
        oldestAt: expect.any(Number),
        outbox: 0,
        groups: [{ group: "shop", lag: 0, setAside: 0, members: [{ instance: "seen", partitions: [0, 1, 2, 3] }] }],
      });
      await serving.stop();
      expect((await log.overview()).groups[0]?.members).toEqual([]);
    });

    async function membersOf(log: Log): Promise<ReadonlyMap<string, readonly number[]>> {
      const { groups } = await log.overview();
      return new Map(groups[0]?.members.map(({ instance, partitions }) => [instance, partitions]));
    }

    async function untilMembers(log: Log, count: number): Promise<void> {
      await expect.poll(async () => (await membersOf(log)).size).toBe(count);
    }

    /** How many were handled, once that no longer changes while everything handled so far is counted twice. */
    async function settledCount(name: string): Promise<number> {
      let before = -1;
      await expect
        .poll(
          async () => {
            const now = (await ground().handled(name)).length;
            const isSettled = now === before;
            before = now;
            return isSettled;
          },
          { interval: 300 },
        )
        .toBe(true);
      return before;
    }
  });
}
