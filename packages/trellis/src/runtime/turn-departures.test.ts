import { expect, test } from "vitest";
import { settled } from "../testing/test-clock.ts";
import { TurnDepartures } from "./turn-departures.ts";

test("everything of a turn is written once, then its answers leave in their order", async () => {
  const departures = new TurnDepartures();
  const seen: string[] = [];
  const write = (): void => void seen.push("clicks");
  departures.before(write);
  departures.leave(() => seen.push("first"));
  departures.before(() => seen.push("orders"));
  departures.before(write);
  departures.leave(() => seen.push("second"));
  await Promise.resolve();
  expect(seen).toEqual([]);
  await settled();
  expect(seen).toEqual(["clicks", "orders", "first", "second"]);
});

test("where nothing is to be written answers leave at once", () => {
  const departures = new TurnDepartures();
  let left = false;
  departures.leave(() => {
    left = true;
  });
  expect([left, departures.holding]).toEqual([true, false]);
});

test("what an answer that leaves gives to write waits for the next turn, and holds no answer before it", async () => {
  const departures = new TurnDepartures();
  const seen: string[] = [];
  departures.before(() => seen.push("write 1"));
  departures.leave(() => {
    seen.push("answer 1");
    departures.before(() => seen.push("write 2"));
    departures.leave(() => seen.push("answer 3"));
  });
  departures.leave(() => seen.push("answer 2"));
  await settled();
  expect(seen).toEqual(["write 1", "answer 1", "answer 2"]);
  await settled();
  expect(seen).toEqual(["write 1", "answer 1", "answer 2", "write 2", "answer 3"]);
});

test("what is written while another write runs is written with it, not forgotten", async () => {
  const departures = new TurnDepartures();
  const seen: string[] = [];
  departures.before(() => {
    seen.push("write 1");
    departures.before(() => seen.push("write 2"));
  });
  await settled();
  await settled();
  expect(seen).toEqual(["write 1", "write 2"]);
  expect(departures.holding).toBe(false);
});
