import { describe, expect, it } from "vitest";
import { testClock } from "../../../testing/test-clock.ts";
import { testRandom } from "../../../testing/test-random.ts";
import { type Flight, Flights } from "./flights.ts";

function flight(deadlineMs: number, expired: number[]): { -readonly [part in keyof Flight]: Flight[part] } {
  const expire = (): boolean => expired.push(deadlineMs) > 0;
  return { deadlineMs, streaming: false, place: -1, expire, cut: () => true };
}

describe("flights", () => {
  it("expire at their deadlines, in whatever order they came", async () => {
    const clock = testClock(0);
    const flights = new Flights(clock);
    const expired: number[] = [];
    for (const deadline of [3_000, 1_000, 2_000]) flights.add(flight(deadline, expired));
    await clock.advance(999);
    expect(expired).toEqual([]);
    await clock.advance(1);
    expect(expired).toEqual([1_000]);
    await clock.advance(2_000);
    expect(expired.toSorted()).toContain(3_000);
  });

  it("share one timer, however many there are", () => {
    const clock = testClock(0);
    const flights = new Flights(clock);
    for (let index = 0; index < 1_000; index += 1) flights.add(flight(30_000 - index, []));
    expect(clock.pending).toBe(1);
  });

  it("land in any order, and each only once", async () => {
    const random = testRandom();
    const flights = new Flights(testClock(0));
    const flying = Array.from({ length: 200 }, () => flight(1_000, []));
    for (const one of flying) flights.add(one);
    for (const one of flying) flights.add(one);
    expect(flights.size).toBe(200);
    let landed = false;
    const none = flights.none().then(() => {
      landed = true;
    });
    while (flying.length > 0) {
      expect(landed).toBe(false);
      const [one] = flying.splice(Math.floor(random() * flying.length), 1);
      if (one) flights.remove(one);
      if (one) flights.remove(one);
      expect(flights.size).toBe(flying.length);
      expect(flights.cut()).toBe(flying.length);
    }
    await none;
    expect(landed).toBe(true);
  });

  it("that landed never expire", async () => {
    const clock = testClock(0);
    const flights = new Flights(clock);
    const expired: number[] = [];
    const landing = flight(100, expired);
    flights.add(landing);
    flights.remove(landing);
    await clock.advance(1_000);
    expect(expired).toEqual([]);
  });

  it("of which nothing goes on are over when they expire", async () => {
    const clock = testClock(0);
    const flights = new Flights(clock);
    const [over, goesOn] = [false, true].map((goesOn) => ({ ...flight(100, []), expire: () => goesOn }));
    for (const each of [over, goesOn]) if (each) flights.add(each);
    await clock.advance(100);
    expect(flights.size).toBe(1);
  });

  it("expire even after one that failed to", async () => {
    const clock = testClock(0);
    const flights = new Flights(clock);
    const expired: number[] = [];
    const failing = flight(100, []);
    failing.expire = () => {
      throw new Error("no way to say so");
    };
    flights.add(failing);
    flights.add(flight(200, expired));
    await expect(clock.advance(150)).rejects.toThrow("no way to say so");
    await clock.advance(100);
    expect(expired).toEqual([200]);
  });

  it("tell when the last one has landed", async () => {
    const flights = new Flights(testClock(0));
    const [one, two] = [flight(1, []), flight(1, [])];
    flights.add(one);
    flights.add(two);
    let none = false;
    const waiting = flights.none().then(() => {
      none = true;
    });
    flights.remove(one);
    await Promise.resolve();
    expect(none).toBe(false);
    flights.remove(two);
    await waiting;
    await flights.none();
  });
});
