import { expect, it } from "vitest";
import { testRandom } from "../testing/test-random.ts";
import { DeadlineQueue, type Ticket } from "./deadline-queue.ts";

it("serves in the order of arrival, whatever the deadlines", () => {
  const queue = new DeadlineQueue<string>(10);
  for (const [nth, name] of ["a", "b", "c"].entries()) queue.add(name, 1_000 - nth * 100, 0);
  expect([queue.take(1), queue.take(1), queue.take(1), queue.take(1)]).toEqual(["a", "b", "c", undefined]);
});

it("is bounded", () => {
  const queue = new DeadlineQueue<number>(2);
  expect([1, 2, 3].map((each) => queue.add(each, 100, 0) !== undefined)).toEqual([true, true, false]);
  queue.take(0);
  expect(queue.add(4, 100, 0)).toBeDefined();
});

it("serves nobody late, and tells each late one once", () => {
  const queue = new DeadlineQueue<string>(10);
  queue.add("late", 10, 0);
  queue.add("later", 30, 0);
  queue.add("patient", 100, 0);
  expect(queue.take(10)).toBe("later");
  expect(queue.nextDeadline).toBe(0);
  expect(queue.takeLate(10)).toEqual(["late"]);
  expect(queue.takeLate(10)).toEqual([]);
  expect(queue.nextDeadline).toBe(100);
  expect(queue.takeLate(100)).toEqual(["patient"]);
  expect(queue.nextDeadline).toBeUndefined();
});

it("neither serves nor tells one that has gone away", () => {
  const queue = new DeadlineQueue<string>(10);
  const tickets = ["a", "b", "c"].map((name) => queue.add(name, 100, 0)) as Ticket<string>[];
  expect(tickets.map((ticket) => ticket.waits)).toEqual([true, true, true]);
  expect(queue.remove(tickets[1] as Ticket<string>)).toBe(true);
  expect(queue.remove(tickets[1] as Ticket<string>)).toBe(false);
  expect(queue.take(0)).toBe("a");
  expect(queue.remove(tickets[0] as Ticket<string>)).toBe(false);
  expect(queue.takeLate(200)).toEqual(["c"]);
  expect(queue.length).toBe(0);
});

it("loses nobody and serves nobody twice, whatever happens", () => {
  for (const seed of [1, 2, 3, 4, 5]) {
    const random = testRandom(seed);
    const queue = new DeadlineQueue<number>(50);
    const waiting: Ticket<number>[] = [];
    const fates = new Map<number, string>();
    const fate = (waiter: number, was: string) => {
      expect(fates.get(waiter)).toBeUndefined();
      fates.set(waiter, was);
    };
    let added = 0;
    for (let now = 0; now < 20_000; now++) {
      const ticket = random() < 0.7 ? queue.add(added, now + random() * 80, now) : undefined;
      if (ticket) waiting.push(ticket);
      if (ticket) added += 1;
      const served = random() < 0.5 ? queue.take(now) : undefined;
      if (served !== undefined) fate(served, "served");
      if (random() < 0.1) for (const late of queue.takeLate(now)) fate(late, "late");
      const gone = random() < 0.1 ? waiting.splice(Math.floor(random() * waiting.length), 1)[0] : undefined;
      if (gone && queue.remove(gone)) fate(gone.waiter, "gone");
    }
    for (const late of queue.takeLate(Number.POSITIVE_INFINITY)) fate(late, "late");
    expect(fates.size).toBe(added);
    expect(new Set(fates.values())).toEqual(new Set(["served", "late", "gone"]));
  }
});
