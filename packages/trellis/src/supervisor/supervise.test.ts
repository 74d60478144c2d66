import { expect, test } from "vitest";
import type { Role } from "../model/plan.ts";
import { settled, testClock } from "../testing/test-clock.ts";
import type { InstanceEnd, InstanceListener, InstanceProcess } from "./instance-process.ts";
import { supervise } from "./supervise.ts";
import type { SupervisorEvent } from "./supervisor-event.ts";

class FakeProcess implements InstanceProcess {
  readonly pid: number;
  readonly role: Role;
  readonly orders: string[] = [];
  readonly #listener: InstanceListener;

  constructor(pid: number, role: Role, listener: InstanceListener) {
    this.pid = pid;
    this.role = role;
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

function started(instances: Readonly<Record<Role, number>> = { web: 2, worker: 1 }) {
  const clock = testClock();
  const processes: FakeProcess[] = [];
  const events: SupervisorEvent[] = [];
  const supervisor = supervise({
    instances,
    clock,
    random: () => 0.5,
    startTimeoutMs: 30_000,
    stopTimeoutMs: 20_000,
    onEvent: (event) => events.push(event),
    spawn: (role, _number, listener) => {
      const process = new FakeProcess(100 + processes.length, role, listener);
      processes.push(process);
      return process;
    },
  });
  supervisor.ready.catch(() => undefined);
  const process = (index: number): FakeProcess => {
    const found = processes[index];
    if (!found) throw new Error(`Only ${processes.length} processes were started`);
    return found;
  };
  return { supervisor, clock, processes, events, process };
}

/** Whether it has settled, without waiting for it. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let done = false;
  const note = () => {
    done = true;
  };
  promise.then(note, note);
  await settled();
  return done;
}

test("all instances are started at the same time, and it is ready when the last one is", async () => {
  const { supervisor, processes, events } = started();
  expect(processes.map(({ role }) => role)).toEqual(["web", "web", "worker"]);
  processes[2]?.becomesReady();
  processes[0]?.becomesReady();
  expect(await isSettled(supervisor.ready)).toBe(false);
  processes[1]?.becomesReady();
  expect(await supervisor.ready).toEqual([
    { role: "web", pid: 100, privateUrl: "http://127.0.0.1:100" },
    { role: "web", pid: 101, privateUrl: "http://127.0.0.1:101" },
    { role: "worker", pid: 102, privateUrl: "http://127.0.0.1:102" },
  ]);
  expect(events[0]).toEqual({ event: "instance", role: "worker", pid: 102, url: "http://127.0.0.1:102" });
});

test("an instance that ends is followed by another after a wait, and the rest is left alone", async () => {
  const { clock, processes, events, process } = started({ web: 2, worker: 0 });
  for (const each of processes) each.becomesReady();
  await clock.advance(1_000);
  process(0).ends({ says: "signal SIGKILL" });
  expect(events.at(-1)).toEqual({ event: "restart", role: "web", pid: 100, because: "signal SIGKILL", inMs: 125 });
  await clock.advance(124);
  expect(processes).toHaveLength(2);
  await clock.advance(1);
  expect(processes).toHaveLength(3);
  process(2).becomesReady();
  expect(events.at(-1)).toMatchObject({ event: "instance", pid: 102 });
  expect(process(1).orders).toEqual([]);
});

test("an instance that keeps crashing is started ever later, and its reason is told", async () => {
  const { clock, processes, events, process } = started({ web: 1, worker: 0 });
  process(0).becomesReady();
  const error = { code: "internal", says: "out of luck", cure: "Be lucky." };
  for (let crash = 0; crash < 6; crash += 1) {
    process(crash).ends({ says: "exit code 1", error });
    await clock.advance(30_000);
    expect(processes).toHaveLength(crash + 2);
  }
  const waits = events.flatMap((event) => (event.event === "restart" ? [event.inMs] : []));
  expect(waits).toEqual([125, 250, 500, 1_000, 2_000, 4_000]);
  expect(events.at(-1)).toMatchObject({ because: "out of luck (exit code 1)" });
});

test("an instance that hangs while it is started again is ended and tried once more", async () => {
  const { clock, processes, events, process } = started({ web: 1, worker: 0 });
  process(0).becomesReady();
  process(0).ends();
  await clock.advance(200);
  await clock.advance(30_000);
  expect(process(1).orders).toEqual(["kill"]);
  process(1).ends({ says: "signal SIGKILL" });
  expect(events.at(-1)).toMatchObject({ event: "restart", because: "not ready after 30000 ms" });
  await clock.advance(1_000);
  expect(processes).toHaveLength(3);
});

test("one instance that never becomes ready at the first start stops all, with its own error and cure", async () => {
  const { supervisor, clock, processes, process } = started();
  process(0).becomesReady();
  process(1).ends({ says: "exit code 1", error: { code: "broken-config", says: "no such table", cure: "Make it." } });
  await settled();
  expect([process(0).orders, process(2).orders]).toEqual([["drain"], ["drain"]]);
  expect(await isSettled(supervisor.ready)).toBe(false);
  process(0).ends();
  process(2).ends();
  await expect(supervisor.ready).rejects.toMatchObject({
    code: "start-failed",
    message: "A web instance ended before it was ready: no such table",
    cure: "Make it.",
  });
  await clock.advance(60_000);
  expect(processes).toHaveLength(3);
  expect(clock.pending).toBe(0);
});

test("an instance that hangs at the first start fails it", async () => {
  const { supervisor, clock, process } = started({ web: 1, worker: 0 });
  await clock.advance(30_000);
  process(0).ends({ says: "signal SIGKILL" });
  await expect(supervisor.ready).rejects.toThrow("not ready after 30000 ms");
});

test("stopping asks each instance once, waits for all, and starts none again", async () => {
  const { supervisor, clock, processes } = started();
  for (const each of processes) each.becomesReady();
  const stopped = supervisor.stop();
  void supervisor.stop();
  expect(processes.map(({ orders }) => orders)).toEqual([["drain"], ["drain"], ["drain"]]);
  processes[0]?.ends();
  processes[1]?.ends();
  expect(await isSettled(stopped)).toBe(false);
  processes[2]?.ends();
  await stopped;
  await clock.advance(60_000);
  expect(processes).toHaveLength(3);
  expect(clock.pending).toBe(0);
});

test("an instance that does not end in time is ended by force", async () => {
  const { supervisor, clock, process } = started({ web: 1, worker: 0 });
  process(0).becomesReady();
  const stopped = supervisor.stop();
  await clock.advance(19_999);
  expect(process(0).orders).toEqual(["drain"]);
  await clock.advance(1);
  expect(process(0).orders).toEqual(["drain", "kill"]);
  process(0).ends();
  await stopped;
});

test("one who waits to start again is not waited for when all is stopped", async () => {
  const { supervisor, clock, processes, process } = started({ web: 1, worker: 0 });
  process(0).becomesReady();
  process(0).ends();
  await supervisor.stop();
  await clock.advance(60_000);
  expect(processes).toHaveLength(1);
});

test("stopping during the first start ends what was started", async () => {
  const { supervisor, process } = started({ web: 1, worker: 0 });
  const stopped = supervisor.stop();
  process(0).ends();
  await stopped;
  await expect(supervisor.ready).rejects.toMatchObject({ code: "unavailable" });
});
