import { describe, expect, it } from "vitest";
import { z } from "zod";
import { type TestBus, testBuses } from "../../testing/test-bus.ts";
import { settled, type TestClock, testClock } from "../../testing/test-clock.ts";
import { testOpening } from "../../testing/test-opening.ts";
import { testTransaction } from "../../testing/test-transaction.ts";
import { type Cache, cache } from "./cache.ts";

const Row = z.object({ version: z.number(), owner: z.string() });
type Row = z.infer<typeof Row>;
type Found = Row | undefined;

/** A database of one row, and two instances with a cache of it; the loads run on `here`. */
interface World {
  row: Found;
  next: Found;
  readonly here: Cache<string, Row>;
  readonly there: Cache<string, Row>;
  readonly bus: TestBus;
  readonly clock: TestClock;
}

type Step = (world: World) => unknown;

/** What a writer does, step by step. When the last step is done, nobody may see the old row any more. */
const writers: Readonly<Record<string, () => readonly Step[]>> = {
  "deletes the key": () => [write, ({ here }) => here.delete("a")],
  "deletes by tag": () => [write, ({ here }) => here.deleteTagged("w1")],
  "deletes by tag after a deletion of another tag": () => [
    ({ here }) => here.deleteTagged("w2"),
    write,
    ({ here }) => here.deleteTagged("w1"),
  ],
  "deletes the key in a transaction": () => inTransaction(({ here }, tx) => here.in(tx).delete("a")),
  "deletes by tag in a transaction": () => inTransaction(({ here }, tx) => here.in(tx).deleteTagged("w1")),
  "deletes the key on the other instance, heard later": () => [
    writeUnheard,
    ({ there }) => there.delete("a"),
    ({ bus }) => bus.mend("replayed"),
  ],
  "deletes by tag on the other instance, heard later": () => [
    writeUnheard,
    ({ there }) => there.deleteTagged("w1"),
    ({ bus }) => bus.mend("replayed"),
  ],
  "deletes on the other instance, never heard": () => [
    writeUnheard,
    ({ there }) => there.delete("a"),
    ({ bus }) => bus.mend("lost"),
  ],
};

/** These keep a new row, so there must be one. */
const keepers: typeof writers = {
  "puts the new row": () => [write, ({ here, next }) => here.put("a", next as Row)],
  "puts the new row in a transaction": () => inTransaction(({ here, next }, tx) => here.in(tx).put("a", next as Row)),
  "writes through": () => {
    const saved = Promise.withResolvers<void>();
    return [
      ({ here, next }) => void here.writeThrough("a", next as Row, () => saved.promise),
      write,
      () => saved.resolve(),
    ];
  },
};

function write(world: World): void {
  world.row = world.next;
}

function writeUnheard(world: World): void {
  world.bus.cut();
  write(world);
}

function inTransaction(
  change: (world: World, tx: ReturnType<typeof testTransaction>["tx"]) => unknown,
): readonly Step[] {
  const { tx, commit } = testTransaction();
  return [(world) => change(world, tx), write, commit];
}

/** Someone who asks the cache, and whose load, if it runs, reads the row at one moment and returns it at a later one. */
class Caller {
  answer: Promise<Found> | undefined;
  #read: Found;
  readonly #returned = Promise.withResolvers<Found>();

  readonly steps: readonly Step[] = [
    ({ here }) => {
      this.answer = here.getOrLoad("a", () => this.#returned.promise);
    },
    ({ row }) => {
      this.#read = row;
    },
    () => this.#returned.resolve(this.#read),
  ];
}

/** Every order of the steps of all lists in which each list keeps its own: its numbers, one a step. */
function* interleavings(lengths: readonly number[]): Generator<readonly number[]> {
  if (lengths.every((length) => length === 0)) yield [];
  for (const [list, length] of lengths.entries()) {
    if (length === 0) continue;
    for (const rest of interleavings(lengths.with(list, length - 1))) yield [list, ...rest];
  }
}

/** Long enough for a load to be kept. `settled` is surer, but each of its half a million turns is one of the event loop. */
async function aWhile(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await undefined;
}

type Begins = "with nothing" | "with a stale value" | "with a fresh value";

async function openWorld(): Promise<World> {
  const [bus, otherBus] = testBuses(2) as [TestBus, TestBus];
  const clock = testClock();
  const block = cache(Row, { ttl: "1m", staleFor: "1h", jitter: 0, tags: ({ owner }) => [owner] });
  const here = (await block.open(testOpening({ clock, engines: { bus } }))).handle;
  const there = (await block.open(testOpening({ clock, engines: { bus: otherBus } }))).handle;
  return { row: undefined, next: undefined, here, there, bus, clock };
}

async function begin(world: World, begins: Begins, before: Found, after: Found): Promise<void> {
  world.row = before;
  world.next = after;
  world.bus.mend("lost");
  if (begins !== "with nothing" && before) await world.here.put("a", before);
  if (begins === "with a stale value") await world.clock.advance(90_000);
}

const oldRow: Row = { version: 1, owner: "w1" };
const newRow: Row = { version: 2, owner: "w1" };

async function play(writer: () => readonly Step[], begins: Begins, before: Found, after: Found): Promise<number> {
  const lengths = [writer().length, 3, 3];
  const world = await openWorld();
  let played = 0;
  for (const order of interleavings(lengths)) {
    await begin(world, begins, before, after);
    const callers = [new Caller(), new Caller()];
    const lists = [[...writer()], ...callers.map(({ steps }) => [...steps])];
    const calledAfterwards = new Set<Caller>();
    for (const list of order) {
      const isCall = list > 0 && lists[list]?.length === 3;
      const caller = callers[list - 1];
      if (isCall && caller && lists[0]?.length === 0) calledAfterwards.add(caller);
      lists[list]?.shift()?.(world);
      await aWhile();
    }
    await settled();
    const told = `in the order ${order.join("")}`;
    for (const caller of calledAfterwards) expect(await caller.answer, `a later caller, ${told}`).toEqual(after);
    const kept = await world.here.getOrLoad("a", async () => world.row);
    expect(kept, `what is left, ${told}`).toEqual(after);
    played++;
  }
  return played;
}

describe("a load begun before a deletion never brings the old value back, in whatever order, when someone", () => {
  for (const [name, writer] of Object.entries({ ...writers, ...keepers }))
    it.each<Begins>(["with nothing", "with a stale value", "with a fresh value"])(
      `${name}, beginning %s`,
      async (begins) => {
        expect(await play(writer, begins, oldRow, newRow)).toBeGreaterThanOrEqual(560);
      },
    );

  for (const [name, writer] of Object.entries(writers))
    it(`${name}, and the row is gone`, async () => {
      expect(await play(writer, "with a stale value", oldRow, undefined)).toBeGreaterThanOrEqual(560);
    });

  // That a row is missing has no tag: whoever adds one deletes its key.
  for (const [name, writer] of Object.entries({ ...writers, ...keepers }))
    if (!name.includes("tag"))
      it(`${name}, and there was no row before`, async () => {
        expect(await play(writer, "with nothing", undefined, newRow)).toBeGreaterThanOrEqual(560);
      });
});
