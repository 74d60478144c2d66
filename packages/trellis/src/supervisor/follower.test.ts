import { expect, test } from "vitest";
import { testClock } from "../testing/test-clock.ts";
import { Follower } from "./follower.ts";
import type { InstanceEnd, InstanceListener } from "./instance-process.ts";

function following() {
  const clock = testClock();
  const told: string[] = [];
  const processes: { readonly listener: InstanceListener; readonly orders: string[] }[] = [];
  const follower = new Follower({
    clock,
    settleMs: 80,
    stopTimeoutMs: 1_000,
    onReady: (_facts, pid) => told.push(`ready ${pid}`),
    onEnded: ({ says }) => told.push(`ended ${says}`),
    spawn: (listener) => {
      const orders: string[] = [];
      processes.push({ listener, orders });
      return { pid: processes.length, drain: () => orders.push("drain"), kill: () => orders.push("kill") };
    },
  });
  const ready = () => processes.at(-1)?.listener.ready({ privateUrl: "http://there" });
  const end = (end: InstanceEnd = { says: "exit code 0" }) => processes.at(-1)?.listener.ended(end);
  return { follower, clock, told, processes, ready, end };
}

test("files that are saved together are one edit: the old process ends, then one starts", async () => {
  const { follower, clock, told, processes, ready, end } = following();
  ready();
  follower.changed();
  await clock.advance(50);
  follower.changed();
  await clock.advance(79);
  expect(processes[0]?.orders).toEqual([]);
  await clock.advance(1);
  expect(processes[0]?.orders).toEqual(["drain"]);
  expect(processes).toHaveLength(1);
  end();
  ready();
  expect(told).toEqual(["ready 1", "ready 2"]);
});

test("code that does not run is told, and the next edit is waited for", async () => {
  const { follower, clock, told, processes, ready, end } = following();
  end({ says: "exit code 1" });
  await clock.advance(60_000);
  expect(told).toEqual(["ended exit code 1"]);
  expect(processes).toHaveLength(1);
  follower.changed();
  await clock.advance(80);
  ready();
  expect(told).toEqual(["ended exit code 1", "ready 2"]);
});

test("an edit while the process starts starts the newer code, and the older never counts as ready", async () => {
  const { follower, clock, told, ready, end, processes } = following();
  follower.changed();
  await clock.advance(80);
  ready();
  end();
  ready();
  expect(told).toEqual(["ready 2"]);
  expect(processes).toHaveLength(2);
});

test("an edit while the old process still ends is not lost", async () => {
  const { follower, clock, told, processes, ready, end } = following();
  ready();
  follower.changed();
  await clock.advance(80);
  follower.changed();
  await clock.advance(80);
  expect(processes[0]?.orders).toEqual(["drain"]);
  end();
  expect(processes).toHaveLength(2);
  ready();
  expect(told).toEqual(["ready 1", "ready 2"]);
});

test("a process that does not end is ended by force, so that the edit runs", async () => {
  const { follower, clock, processes, ready, end } = following();
  ready();
  follower.changed();
  await clock.advance(1_080);
  expect(processes[0]?.orders).toEqual(["drain", "kill"]);
  end();
  expect(processes).toHaveLength(2);
});

test("stopping ends the process, and edits start none", async () => {
  const { follower, clock, processes, ready, end } = following();
  ready();
  const stopped = follower.stop();
  end();
  await stopped;
  follower.changed();
  await clock.advance(1_000);
  expect(processes).toHaveLength(1);
});
