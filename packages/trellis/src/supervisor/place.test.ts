import { expect, test } from "vitest";
import { settled, testClock } from "../testing/test-clock.ts";
import type { InstanceEnd, InstanceListener, InstanceProcess } from "./instance-process.ts";
import { Place, type PlaceState } from "./place.ts";
import type { SupervisorEvent } from "./supervisor-event.ts";

class FakeProcess implements InstanceProcess {
  readonly pid: number;
  readonly born: string;
  readonly orders: string[] = [];
  readonly #listener: InstanceListener;

  constructor(pid: number, listener: InstanceListener) {
    this.pid = pid;
    this.born = `born-${pid}`;
    this.#listener = listener;
  }

  drain(): void {
    this.orders.push("drain");
  }

  kill(): void {
    this.orders.push("kill");
  }

  becomesReady(): void {
    this.#listener.ready({ privateUrl: `http://127.0.0.1:${this.pid}` });
  }

  ends(end: InstanceEnd = { says: "exit code 0" }): void {
    this.#listener.ended(end);
  }
}

const name = { pool: "web", role: "web", number: 1, release: 3, answers: true } as const;

function opened() {
  const clock = testClock();
  const processes: FakeProcess[] = [];
  const events: SupervisorEvent[] = [];
  const states: PlaceState[] = [];
  const place = new Place(name, {
    clock,
    random: () => 0.5,
    startTimeoutMs: 30_000,
    stopTimeoutMs: 20_000,
    nameProcess: (of) => ({
      ...of,
      id: `web-1@3.${processes.length + 1}`,
      framesSocket: `/run/${processes.length + 1}`,
    }),
    onEvent: (event) => events.push(event),
    onChange: ({ state }) => states.push(state),
    start: (_start, listener) => {
      const process = new FakeProcess(100 + processes.length, listener);
      processes.push(process);
      return process;
    },
  });
  const process = (index: number): FakeProcess => {
    const found = processes[index];
    if (!found) throw new Error(`Only ${processes.length} processes were started`);
    return found;
  };
  return { place, clock, processes, events, states, process };
}

test("it serves when its process says so, and is written down with its number and the moment of its start", async () => {
  const { place, process, events, clock } = opened();
  expect(place.record).toMatchObject({ id: "web-1@3.1", pid: 100, born: "born-100" });
  expect(place.record).not.toHaveProperty("facts");
  process(0).becomesReady();
  expect(await place.first).toEqual({ role: "web", pid: 100, privateUrl: "http://127.0.0.1:100" });
  expect(place).toMatchObject({ state: "ready", readyAt: clock.now(), restarts: 0 });
  expect(place.record?.facts).toEqual({ privateUrl: "http://127.0.0.1:100" });
  expect(events).toEqual([{ event: "instance", name: "web-1", role: "web", pid: 100, url: "http://127.0.0.1:100" }]);
});

test("a process that ends is followed by another one, of another name and socket, after a wait", async () => {
  const { place, process, processes, events, clock } = opened();
  process(0).becomesReady();
  process(0).ends({ says: "signal SIGKILL" });
  expect(place).toMatchObject({ state: "waiting", record: undefined, readyAt: undefined, restarts: 1 });
  expect(events.at(-1)).toEqual({
    event: "restart",
    name: "web-1",
    role: "web",
    pid: 100,
    because: "signal SIGKILL",
    inMs: 125,
  });
  await clock.advance(124);
  expect(processes).toHaveLength(1);
  await clock.advance(1);
  expect(place.state).toBe("starting");
  expect(place.record).toMatchObject({ id: "web-1@3.2", framesSocket: "/run/2" });
  process(1).becomesReady();
  expect(place.state).toBe("ready");
});

test("one that keeps ending is started ever later, and counted until it has been ready for long", async () => {
  const { place, process, processes, events, clock } = opened();
  for (let index = 0; index < 5; index += 1) {
    process(index).becomesReady();
    process(index).ends();
    await clock.advance(30_000);
    expect(processes).toHaveLength(index + 2);
  }
  const waits = events.flatMap((event) => (event.event === "restart" ? event.inMs : []));
  expect(waits).toEqual([125, 250, 500, 1_000, 2_000]);
  expect(place.failures).toBe(5);
  process(5).becomesReady();
  await clock.advance(60_000);
  process(5).ends();
  expect(place.failures).toBe(1);
});

test("a first process that ends, or is not ready in time, leaves an empty place and the reason", async () => {
  const failing = opened();
  failing.process(0).ends({ says: "exit code 1", error: { code: "broken-config", says: "no pen", cure: "Mend it." } });
  await expect(failing.place.first).rejects.toMatchObject({
    code: "start-failed",
    message: "web-1 ended before it was ready: no pen",
    cure: "Mend it.",
  });
  expect(failing.place.state).toBe("gone");
  await failing.clock.advance(100_000);
  expect(failing.processes).toHaveLength(1);

  const slow = opened();
  await slow.clock.advance(30_000);
  expect(slow.process(0).orders).toEqual(["kill"]);
  slow.process(0).ends({ says: "signal SIGKILL" });
  await expect(slow.place.first).rejects.toThrow("not ready after 30000 ms");
});

test("it is stopped in good order, by force after the timeout, and nothing follows", async () => {
  const { place, process, processes, clock } = opened();
  process(0).becomesReady();
  let stopped = false;
  void place.stop().then(() => {
    stopped = true;
  });
  expect(place.state).toBe("stopping");
  void place.stop();
  expect(process(0).orders).toEqual(["drain"]);
  await clock.advance(20_000);
  expect(process(0).orders).toEqual(["drain", "kill"]);
  await settled();
  expect(stopped).toBe(false);
  process(0).ends();
  await settled();
  expect(stopped).toBe(true);
  await clock.advance(100_000);
  expect(processes).toHaveLength(1);
});

test("one that waits for its next process is stopped at once", async () => {
  const { place, process, processes, clock } = opened();
  process(0).becomesReady();
  process(0).ends();
  await place.stop();
  await clock.advance(100_000);
  expect(place.state).toBe("gone");
  expect(processes).toHaveLength(1);
});
