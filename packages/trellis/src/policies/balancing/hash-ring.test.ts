import { expect, test } from "vitest";
import { HashRing, pointsPerWeight } from "./hash-ring.ts";
import { member } from "./members.contract.ts";
import { Seat } from "./seat.ts";

function seatsOf(weights: Readonly<Record<string, number>>): readonly Seat[] {
  return Object.entries(weights).map(([id, weight]) => {
    const seat = new Seat(id);
    seat.take(member(id, { weight }), 0);
    return seat;
  });
}

function ringOf(weights: Readonly<Record<string, number>>): HashRing {
  const ring = new HashRing();
  ring.setSeats(seatsOf(weights));
  return ring;
}

const keys = Array.from({ length: 20_000 }, (_, nth) => `/item/${nth}`);
const ownerOf = (ring: HashRing, key: string): string => ring.ownerAt(ring.indexOf(key)).id;
const shareOf = (ring: HashRing, id: string): number =>
  keys.filter((key) => ownerOf(ring, key) === id).length / keys.length;

test("a seat has 160 points for each unit of its weight, and at least one", () => {
  expect(ringOf({ a: 1, b: 3, c: 0.001 }).size).toBe(4 * pointsPerWeight + 1);
});

test("keys are spread by weight, within the tenth or so that 160 points give", () => {
  const ring = ringOf({ a: 1, b: 1, c: 2 });
  expect(Math.abs(shareOf(ring, "a") / 0.25 - 1)).toBeLessThan(0.2);
  expect(Math.abs(shareOf(ring, "c") / 0.5 - 1)).toBeLessThan(0.2);
});

test.each([3, 10])("taking one of %d seats away moves its keys alone, to all the others", (count) => {
  const ids = Array.from({ length: count }, (_, nth) => [`web-${nth}`, 1]);
  const whole = ringOf(Object.fromEntries(ids));
  const less = ringOf(Object.fromEntries(ids.slice(1)));
  const moved = keys.filter((key) => ownerOf(whole, key) !== ownerOf(less, key));
  expect(moved.every((key) => ownerOf(whole, key) === "web-0")).toBe(true);
  expect((moved.length / keys.length) * count).toBeGreaterThan(0.75);
  expect((moved.length / keys.length) * count).toBeLessThan(1.25);
  expect(new Set(moved.map((key) => ownerOf(less, key))).size).toBe(count - 1);
});

test("a greater weight takes keys from the others and gives none away", () => {
  const [before, after] = [ringOf({ a: 1, b: 1, c: 1 }), ringOf({ a: 2, b: 1, c: 1 })];
  const moved = keys.filter((key) => ownerOf(before, key) !== ownerOf(after, key));
  expect(moved.length).toBeGreaterThan(0);
  expect(moved.every((key) => ownerOf(after, key) === "a")).toBe(true);
});

test("a key belongs to the first point at or after its place, and past the last to the first", () => {
  const ring = ringOf({ a: 1, b: 1 });
  for (const key of keys.slice(0, 200)) {
    const index = ring.indexOf(key);
    expect(ring.ownerAt(index + ring.size)).toBe(ring.ownerAt(index));
  }
  expect(keys.some((key) => ring.indexOf(key) === 0)).toBe(true);
});
